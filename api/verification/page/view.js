// The page itself: what is in the address is checked, and three questions get three answers.

const byId = (id) => document.getElementById(id);

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function card(title, tone, verdict, ...rest) {
  const section = make("section", undefined, `card ${tone}`);
  section.append(make("h2", title), ...(verdict ? [make("p", verdict, "verdict")] : []), ...rest);
  return section;
}

function lines(pairs) {
  const list = make("dl");
  for (const [label, value] of pairs)
    if (value) list.append(make("dt", label), make("dd", value));
  return list;
}

function button(label, action, className) {
  const element = make("button", label, className);
  element.type = "button";
  element.addEventListener("click", action);
  return element;
}

const notes = (...texts) => texts.filter(Boolean).map((text) => make("p", text, "note"));

function textCard(paper) {
  const facts = lines([
    [say("name"), paper.name],
    [say("form"), sayForm(paper.form)],
    [say("decision"), paper.decision],
    [say("awarded-on"), paper.awardedOn && sayDate(paper.awardedOn)],
    [say("serial"), paper.serial],
    [say("signed-at"), sayDate(localTime(paper.signedAt * 1000).slice(0, 10))],
  ]);
  facts.className = "paper";
  const tone = paper.needsLog ? "doubt" : "good";
  const verdict = say(paper.needsLog ? "cannot-tell" : "genuine");
  return card(say("text-title"), tone, verdict, ...notes(paper.needsLog && say("needs-log")), make("p", say("must-say")), facts, ...notes(say("or-altered")));
}

function standingCard(standing) {
  const tones = { "not-revoked": "good", again: "doubt", revoked: "bad", unknown: "doubt" };
  const verdict = say(standing.state, { date: standing.asOf ? sayMoment(standing.asOf) : "" });
  const unknown = standing.state === "unknown", warning = standing.warning;
  const told = notes(
    standing.until && say("until", { date: sayMoment(standing.until) }),
    unknown && standing.asOf && say("last-known", { date: sayMoment(standing.asOf) }),
    warning && (warning === "status-list-missing" ? say(warning) : say("list-warning", { reason: say(warning) })),
    standing.state === "revoked" && say("why"),
  );
  return card(say("standing-title"), tones[standing.state], verdict, ...told);
}

function registerCard(question) {
  const section = card(say("register-title"), "plain", "", ...notes(say("register-hint")));
  const answer = make("div");
  const ask = button(say("ask"), async () => {
    answer.replaceChildren(make("p", say("asking")));
    answer.replaceChildren(...(await askRegister(question)));
  });
  section.append(ask, answer);
  return section;
}

function limitsCard() {
  return card(say("limits-title"), "plain", "", make("p", say("limits")), ...notes(say("host", { host: TRUST.host })));
}

async function askRegister(question) {
  let answer;
  try {
    const response = await fetch("/api/verify", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language },
      body: JSON.stringify(question),
    });
    answer = await response.json();
    if (!response.ok) return [make("p", answer.detail ?? say("no-answer"), "verdict bad")];
  } catch { return [make("p", say("no-answer"), "verdict doubt")]; }
  if (!answer.authentic) return [make("p", answer.detail, "verdict bad")];
  return standingLines(answer);
}

function standingLines(answer) {
  const tone = ["valid", "restored"].includes(answer.status) ? "good" : "bad";
  const shown = [make("p", `${say("in-register")}: ${answer.status_text}`, `verdict ${tone}`)];
  const facts = lines([
    [say("serial"), answer.serial],
    [say("form"), answer.form && sayForm(answer.form)],
    [say("since"), answer.since && sayDate(answer.since)],
    [say("reason"), answer.reason_text],
    [say("decision"), answer.decision?.number],
  ]);
  shown.push(facts, ...notes(say("as-known", { date: sayMoment(answer.known_at) })));
  if (answer.chain?.length > 1) {
    const chain = make("ol");
    for (const one of answer.chain)
      chain.append(make("li", `${one.serial}: ${one.status_text} ${one.serial === answer.serial ? say("this-one") : ""}`));
    shown.push(make("h3", say("chain")), chain);
  }
  return shown;
}

function refusalCard(code) {
  const later = code.startsWith("key-list-");
  return card(say("text-title"), later ? "doubt" : "bad", say(later ? "cannot-tell" : "refused"), make("p", say(code)));
}

async function fetchKeys() {
  try {
    const answer = await fetch("/log/keys");
    return answer.ok ? await answer.text() : undefined;
  } catch { return undefined; }
}

async function showResult(digits) {
  const now = Date.now(), cards = [];
  let outcome = "verified";
  try {
    const { list, warning } = await trustedKeys(await fetchKeys(), now / 1000);
    if (list.trial) cards.push(make("p", say("trial"), "card doubt"));
    if (warning) cards.push(make("p", say("keys-warning", { reason: say(warning) }), "card doubt"));
    const paper = await verifyPayload(digitsToBytes(digits), list);
    outcome = paper.needsLog ? "payload-needs-log" : outcome;
    cards.push(textCard(paper), standingCard(await standingOf(paper.index, list, now)), registerCard({ p: digits }), limitsCard());
  } catch (error) {
    if (!error.code) throw error;
    outcome = error.code;
    cards.push(refusalCard(error.code));
  }
  byId("result").replaceChildren(...cards, button(say("another"), () => { location.hash = ""; }, "second"));
  document.body.dataset.outcome = outcome;
}

function showStart() {
  const form = make("form");
  const [serial, code] = ["serial", "code"].map((name) => {
    const input = make("input");
    Object.assign(input, { name, id: name, required: true, autocomplete: "off", maxLength: 40 });
    const label = make("label", say(name));
    label.htmlFor = name;
    form.append(label, input);
    return input;
  });
  serial.value = new URLSearchParams(location.search).get("serial") ?? "";
  const answer = make("div");
  form.append(make("button", say("check")), answer);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    answer.replaceChildren(make("p", say("asking")));
    answer.replaceChildren(...(await askRegister({ serial: serial.value, check_code: code.value })));
  });
  const typed = make("section", undefined, "card plain");
  typed.append(make("h2", say("typed")), form);
  byId("result").replaceChildren(make("p", say("intro"), "lead"), ...scanner(), typed);
  document.body.dataset.outcome = "start";
}

// Reading a code with the camera, where the browser can.
function scanner() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return [];
  const box = make("section", undefined, "scanner");
  const start = button(say("scan"), async () => {
    try { await scan(box); } catch { box.replaceChildren(make("p", say("no-camera"), "note"), start); }
  });
  box.append(start);
  return [box];
}

async function scan(box) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = make("video");
  Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
  const told = make("p", say("aim"), "note");
  let looking = true;
  box.replaceChildren(video, told, button(say("stop"), () => { looking = false; }));
  await video.play();
  // Whoever turns to something else, another language too, leaves no camera on.
  while (looking && box.isConnected) {
    for (const { rawValue } of await detector.detect(video)) {
      const digits = rawValue.split("#").pop();
      if (/^[0-9]{100,4000}$/.test(digits)) [location.hash, looking] = [digits, false];
      else told.textContent = say("no-code");
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  stream.getTracks().forEach((track) => track.stop());
  if (box.isConnected && !location.hash) show();
}

// What is known of the whole register: told under everything, and in front of it where it is wrong.
async function showHead() {
  let told;
  try {
    const { list } = await trustedKeys(await fetchKeys(), Date.now() / 1000);
    told = await newestHead(list);
  } catch { return; }
  const { head, warning, found } = told;
  byId("head").textContent = head ? say("head-seen", { size: head.size, date: sayMoment(head.seenAt) }) : "";
  if (warning) byId("result").prepend(make("p", say(warning, { size: head?.size ?? "", found: found?.size ?? "" }), "card bad"));
  document.body.dataset.head = warning ?? (head ? "seen" : "none");
}

async function show() {
  document.documentElement.lang = language;
  document.title = say("title");
  byId("title").textContent = say("title");
  byId("language").textContent = say("other");
  const digits = location.hash.slice(1);
  delete document.body.dataset.outcome;
  delete document.body.dataset.head;
  await (digits ? showResult(digits) : showStart());
  await showHead();
}

byId("language").addEventListener("click", () => {
  language = language === "en" ? "vi" : "en";
  remember("language", language);
  show();
});
addEventListener("hashchange", show);
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/v.worker.js", { scope: "/v" }).catch(() => { /* without it the page needs the network */ });
}
await show();
