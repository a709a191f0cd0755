std = "lua54"
max_line_length = 100
cache = false

-- The specs are run by busted.
files["tests/**/*_spec.lua"].std = "lua54+busted"
-- An output handler is called by busted with what it needs.
files["tests/support/ci.lua"].std = "lua54+busted"
