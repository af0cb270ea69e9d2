// The newest head of the log that this browser saw: a log that became shorter, or another, is told.

// A head that a listed key of the log signed; refuses any other.
async function readHead(note, list) {
  const cut = note.lastIndexOf("\n\n"), text = note.slice(0, cut + 1);
  const [origin, size, root] = text.split("\n");
  if (cut < 0 || origin !== list.log || !/^[1-9][0-9]{0,15}$/.test(size) || !root) refuse("head-unreadable");
  const keys = list.keys.filter((key) => key.use === "log" && key.alg === "Ed25519");
  for (const line of note.slice(cut + 2).split("\n").filter(Boolean)) {
    const raw = fromBase64(line.split(" ")[2] ?? "");
    for (const key of keys)
      if (raw.length === 68 && (await holds(fromHex(key.pub), raw.subarray(4), toBytes(text)))) return { origin, size: Number(size), root };
  }
  return refuse("head-unsigned");
}

function headBefore() {
  try { return JSON.parse(recall("head")); } catch { return undefined; }
}

// What is shown of the log's head, and `warning` where it is not one that can follow the last.
async function newestHead(list) {
  const before = headBefore();
  let now;
  try {
    const answer = await fetch("/log/checkpoint");
    if (answer.ok) now = await readHead(await answer.text(), list);
  } catch (error) { return { head: before, warning: error.code }; }
  if (!now) return { head: before };
  if (before && now.origin === before.origin) {
    if (now.size < before.size) return { head: before, warning: "head-shorter", found: now };
    if (now.size === before.size && now.root !== before.root) return { head: before, warning: "head-differs", found: now };
    if (now.size === before.size) return { head: before };
  }
  const head = { ...now, seenAt: new Date().toISOString() };
  remember("head", JSON.stringify(head));
  return { head };
}
