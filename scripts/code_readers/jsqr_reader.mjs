// Reads QR codes with jsQR: on standard input frames of width, height (32 bits each) and grey
// pixels; on standard output one line for each, the text or nothing.

import { createRequire } from "node:module";

const jsQR = createRequire(process.argv[2])("jsqr");
let waiting = Buffer.alloc(0);

function read(width, height, grey) {
  const colours = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < grey.length; at += 1) colours.fill(grey[at], 4 * at, 4 * at + 3);
  for (let at = 3; at < colours.length; at += 4) colours[at] = 255;
  try {
    return jsQR(colours, width, height)?.data ?? "";
  } catch {
    return "";
  }
}

for await (const piece of process.stdin) {
  waiting = Buffer.concat([waiting, piece]);
  while (waiting.length >= 8) {
    const [width, height] = [waiting.readUInt32LE(0), waiting.readUInt32LE(4)];
    const end = 8 + width * height;
    if (waiting.length < end) break;
    process.stdout.write(`${read(width, height, waiting.subarray(8, end)).replaceAll("\n", " ")}\n`);
    waiting = waiting.subarray(end);
  }
}
