// The jobs as one writes them by hand in Node, splitting lines itself: job.js h1|h2|h3|sel FILE
"use strict";
const fs = require("fs");

const [job, path] = process.argv.slice(2);

let parts = [], size = 0;

function flush() {
  if (size > 0) fs.writeSync(1, parts.join(""));
  parts = [];
  size = 0;
}

function write(text) {
  parts.push(text);
  size += text.length;
  if (size > 1 << 20) flush();
}

function emit(name, event) {
  write(JSON.stringify({ [name]: event }) + "\n");
}

const jobs = {
  h1() {
    const counts = {};
    return {
      onEvent(name) { counts[name] = (counts[name] || 0) + 1; },
      onEnd() { write(Object.keys(counts).sort().map((n) => `${n}=${counts[n]}`).join(" ") + "\n"); },
    };
  },

  h2() {
    return {
      onEvent(name, event) {
        const { duration, reason } = event;
        if (!(duration > 60)) return;
        if (reason !== "disconnect" && reason !== "lastParticipantLeft") return;
        event.minutes = Math.floor(duration / 60);
        emit(name, event);
      },
    };
  },

  h3() {
    const sessions = new Map();
    return {
      onEvent(name, event) {
        const id = event.sessionId;
        let s = sessions.get(id);
        if (!s) {
          s = { sessionId: id, events: 0, joined: 0, left: 0, streams: 0, seconds: 0 };
          sessions.set(id, s);
        }
        s.events++;
        if (name === "participantJoined") {
          s.joined++;
        } else if (name === "participantLeft") {
          s.left++;
          s.seconds += event.duration;
        } else if (name === "webrtcConnectionCreated") {
          s.streams++;
        } else if (name === "sessionDestroyed") {
          sessions.delete(id);
          emit("sessionSummary", s);
        }
      },
    };
  },

  sel() {
    let count = 0, seconds = 0;
    return {
      onEvent(name, event) {
        if (name !== "sessionDestroyed") return;
        count++;
        seconds += event.duration;
      },
      onEnd() { write(`${count} ${seconds}\n`); },
    };
  },
};

const { onEvent, onEnd } = jobs[job]();

function onLine(line) {
  const object = JSON.parse(line);
  for (const name in object) onEvent(name, object[name]);
}

const fd = fs.openSync(path, "r");
const chunk = Buffer.allocUnsafe(1 << 20);
let have = 0;
for (;;) {
  const n = fs.readSync(fd, chunk, have, chunk.length - have);
  if (n === 0) break;
  have += n;
  let from = 0;
  for (;;) {
    const to = chunk.indexOf(10, from);
    if (to < 0 || to >= have) break;
    onLine(chunk.toString("utf8", from, to));
    from = to + 1;
  }
  chunk.copyWithin(0, from, have);
  have -= from;
}
if (onEnd) onEnd();
flush();
