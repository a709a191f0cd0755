-- The notification as it is, as a flat event.
return function()
  return function(notification) return notification end
end
