"use strict";
// Everything shown here comes from documents nobody vouches for: it is only ever set as text, never as markup.
(() => {
  const FOLD = 4000; // characters of a stretch of text from which its middle is folded
  const ENDS = 900; // characters left before and after such a fold
  const CHUNK = 12000; // characters laid out at a time when it is unfolded
  const CONTEXT = 1500; // characters of the article that a judgement takes along, before and behind
  const BARS = 6; // bars of a chart before the rest is asked for
  const FATES = { removed: "removed", flagged: "flagged, left in", near: "nearly went, stays" };

  const index = JSON.parse(document.getElementById("index").textContent);
  const totals = index.totals;
  const byId = (id) => document.getElementById(id);
  const number = new Intl.NumberFormat("en").format;
  const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)} %` : "–");
  const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
  const named = (name, nothing) => name || nothing;

  /** An element with properties, attributes (where a property won't do) and children; strings become text. */
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "class") element.className = value;
      else if (name === "style") Object.assign(element.style, value);
      else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }
  const isolated = (text) => make("bdi", {}, text);

  // ---- documents -------------------------------------------------------------------------------------------------

  const documents = index.documents.map((row, at) => ({ ...row, at, share: row.length ? row.removed / row.length : 0 }));
  const judgements = new Map();
  let unsaved = false;
  let matching = documents;
  let here = null; // { doc, at }: the mark one stands at

  /** The content of a document, read when first asked for; null while the page is still loading. */
  function content(doc) {
    if (!doc.content) {
      const source = byId(`document-${doc.at}`);
      if (source) doc.content = JSON.parse(source.textContent);
    }
    return doc.content || null;
  }

  const identity = (doc, mark) => JSON.stringify([doc.sha256, mark.start, mark.end, mark.fate, mark.rule]);
  const verdict = (doc, mark) => judgements.get(identity(doc, mark))?.verdict;
  const removals = (doc) => doc.found.reduce((sum, kind) => sum + (kind[0] === "removed" ? kind[4] : 0), 0);

  function judgedIn(doc, fate = null) {
    let count = 0;
    for (const one of judgements.values()) {
      count += one.sha256 === doc.sha256 && one.document === doc.name && (!fate || one.fate === fate);
    }
    return count;
  }

  // ---- the overview ----------------------------------------------------------------------------------------------

  function overview() {
    byId("headline").textContent =
      `${plural(totals.documents, "document")}, ${percent(totals.removed, totals.characters)} of the characters removed`;
    const cards = [
      ["documents", number(totals.documents)],
      ["with removals", number(totals.changed)],
      ["removals", number(totals.removals)],
      ["characters removed", `${number(totals.removed)}`],
      ["flagged, left in", number(totals.flags)],
      ["near misses", number(totals.near)],
      ["far more than usual", number(totals.unusual)],
      ["failed", number(totals.failed)],
    ];
    byId("cards").append(...cards.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
    byId("charts").append(
      chart("label", "Characters removed, by label", totals.labels, "removed", "characters"),
      chart("rule", "Characters removed, by rule", totals.rules, "removed", "characters", totals.more_rules),
      chart("language", "Documents by language", totals.languages, "documents", "documents"),
      chart("site", "Documents by site", totals.sites, "documents", "documents", totals.more_sites),
      histogram(),
    );
    notices();
  }

  const unknown = { language: "language not known", site: "no address" };

  function chart(kind, title, sums, by, unit, more = 0) {
    const rows = [...sums].sort((a, b) => b[by] - a[by]);
    const most = Math.max(1, ...rows.map((sum) => sum[by]));
    const bar = (sum) => {
      const share = `${number(sum[by])}`;
      const about = kind === "language" || kind === "site" ? `, ${percent(sum.removed, sum.characters)} removed` : "";
      const track = make("span", { class: "track" }, make("i", { style: { width: `${(100 * sum[by]) / most}%` } }));
      const button = make(
        "button",
        {
          type: "button", "aria-pressed": "false", title: `${named(sum.name, unknown[kind])}: ${share} ${unit}${about}`, "data-kind": kind, "data-group": sum.group ?? null,
          onclick: () => choose(kind, filter[kind] === value(sum.name) ? "" : value(sum.name)),
        },
        make("span", { class: "name" }, isolated(named(sum.name, unknown[kind]))), make("span", { class: "amount" }, share), track,
      );
      button.dataset.value = value(sum.name);
      return make("li", {}, button);
    };
    const list = make("ul", {}, ...rows.slice(0, BARS).map(bar));
    const section = make("section", { class: "chart", "aria-label": title }, make("h2", {}, title), list);
    if (!rows.length) section.append(make("p", { class: "soft" }, "nothing"));
    if (rows.length > BARS) {
      const rest = make("button", { type: "button", class: "more" }, `Show ${plural(rows.length - BARS, "more", "more")}`);
      rest.addEventListener("click", () => {
        list.append(...rows.slice(BARS).map(bar));
        rest.replaceWith(more ? make("p", { class: "soft" }, `and ${number(more)} with less`) : "");
        press();
      });
      section.append(rest);
    }
    return section;
  }

  function histogram() {
    const most = Math.max(1, ...totals.shares);
    const parts = totals.shares.length;
    const bars = totals.shares.map((count, at) =>
      make("i", {
        class: at / parts >= totals.limit ? "far" : "", style: { height: `${count ? Math.max(3, (100 * count) / most) : 0}%` },
        title: `${plural(count, "document")} with ${(100 * at) / parts} to ${(100 * (at + 1)) / parts} % removed`,
      }),
    );
    const said = `Half of the documents lost at most ${percent(totals.median, 1)}. Above ${percent(totals.limit, 1)} is far more than usual: ${plural(totals.unusual, "document")}.`;
    return make(
      "section", { class: "chart", "aria-label": "Documents by share removed" },
      make("h2", {}, "Documents by share removed"),
      make("div", { class: "histogram", role: "img", "aria-label": said }, ...bars),
      make("div", { class: "axis" }, make("span", {}, "0 %"), make("span", {}, "50 %"), make("span", {}, "100 %")),
      make("p", { class: "soft" }, said),
    );
  }

  function notices() {
    const box = byId("notices");
    if (index.partial) {
      const limit = `${number(index.limits.documents)} documents or ${number(index.limits.size)} characters`;
      box.append(make("p", { class: "notice" },
        `The totals are of all ${number(totals.documents)} documents. The page holds the texts of ${number(documents.length)}: ` +
        `the most cut, those with a problem, and a sample. It takes up to ${limit}.`));
    }
    if (totals.failed) {
      const rows = index.failures.map(([name, reason]) => make("li", {}, isolated(name), ": ", isolated(reason)));
      const more = totals.failed - rows.length;
      if (more > 0) rows.push(make("li", {}, `and ${number(more)} more`));
      box.append(make("details", { class: "notice" }, make("summary", {}, `${plural(totals.failed, "document")} failed`), make("ul", {}, ...rows)));
    }
  }

  // ---- filters ---------------------------------------------------------------------------------------------------

  const KINDS = ["label", "rule", "language", "site"];
  const filter = { text: "", label: "", rule: "", language: "", site: "", only: "", marks: "all", sort: "share" };
  const value = (name) => `=${name}`; // tells the empty name from no choice
  let pointed = false; // whether a choice was made with the mouse, so that the keys may go back to the texts
  let search = 0; // number of the search under way; an older one stops

  function choices() {
    const sums = { label: totals.labels, rule: totals.rules, language: totals.languages, site: totals.sites };
    const found = { label: 1, rule: 2 };
    for (const kind of KINDS) {
      const names = new Set(sums[kind].map((sum) => sum.name));
      for (const doc of documents) {
        if (found[kind]) for (const entry of doc.found) names.add(entry[found[kind]]);
        else names.add(doc[kind]);
      }
      const options = [...names].sort().map((name) => make("option", { value: value(name) }, named(name, unknown[kind])));
      byId(kind).append(make("option", { value: "" }, "all"), ...options);
    }
    for (const name of Object.keys(filter)) {
      byId(name).addEventListener(name === "text" ? "input" : "change", (event) => choose(name, event.target.value));
    }
    byId("filters").addEventListener("pointerdown", () => (pointed = true));
    byId("filters").addEventListener("keydown", () => (pointed = false));
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("filters").addEventListener("reset", () => setTimeout(() => {
      for (const name of Object.keys(filter)) filter[name] = byId(name).value;
      forgetTexts();
      apply();
    }));
  }

  function choose(name, chosen) {
    filter[name] = chosen;
    byId(name).value = chosen;
    if (["marks", "label", "rule"].includes(name)) forgetTexts();
    if (pointed && document.activeElement.matches("select")) byId("documents").focus({ preventScroll: true });
    apply();
  }

  function press() {
    for (const button of document.querySelectorAll("#charts button[data-kind]")) {
      button.setAttribute("aria-pressed", String(filter[button.dataset.kind] === button.dataset.value));
    }
    for (const kind of [...KINDS, "only"]) byId(kind).classList.toggle("set", Boolean(filter[kind]));
  }

  const meets = {
    "": () => true,
    changed: (doc) => doc.removed > 0,
    unusual: (doc) => doc.unusual,
    problem: (doc) => Boolean(doc.problem),
    open: (doc) => judgedIn(doc, "removed") < removals(doc),
    judged: (doc) => judgedIn(doc) > 0,
  };
  const shownFate = (fate) => filter.marks === "all" || (filter.marks === "removed") === (fate === "removed");
  const shownKind = (label, rule) => (!filter.label || filter.label === value(label)) && (!filter.rule || filter.rule === value(rule));

  function fits(doc) {
    return (
      (!filter.language || filter.language === value(doc.language)) &&
      (!filter.site || filter.site === value(doc.site)) &&
      meets[filter.only](doc) &&
      ((!filter.label && !filter.rule) || doc.found.some(([fate, label, rule]) => shownFate(fate) && shownKind(label, rule)))
    );
  }

  /** Whether the words stand in a document's name, address or text. */
  function says(doc, words) {
    if (`${doc.name}\n${doc.url}`.toLowerCase().includes(words)) return true;
    const text = content(doc)?.segments?.map((segment) => segment[0]).join("") ?? "";
    return text.toLowerCase().includes(words);
  }

  const ORDERS = {
    share: (a, b) => b.share - a.share || b.removed - a.removed || a.at - b.at,
    name: (a, b) => a.at - b.at,
    size: (a, b) => b.length - a.length || a.at - b.at,
  };

  async function apply() {
    const mine = ++search;
    press();
    const words = filter.text.trim().toLowerCase();
    const fitting = documents.filter(fits).sort(ORDERS[filter.sort]);
    const found = words ? [] : fitting;
    let pause = performance.now() + 30;
    for (let at = 0; words && at < fitting.length; at += 1) {
      if (says(fitting[at], words)) found.push(fitting[at]);
      if (performance.now() > pause) {
        byId("status").textContent = `looking through the texts: ${number(at + 1)} of ${number(fitting.length)} …`;
        await new Promise((resume) => setTimeout(resume));
        if (mine !== search) return;
        pause = performance.now() + 30;
      }
    }
    matching = found;
    list();
  }

  function list() {
    const shown = new Set(matching);
    for (const doc of documents) if (doc.element) doc.element.hidden = !shown.has(doc);
    byId("list").append(...matching.map(element));
    byId("nothing")?.remove();
    if (!matching.length) byId("documents").append(make("p", { class: "empty", id: "nothing" }, "No document is like that."));
    const lost = matching.reduce((sum, doc) => sum + doc.removed, 0);
    const size = matching.reduce((sum, doc) => sum + doc.length, 0);
    byId("status").textContent =
      `${number(matching.length)} of ${plural(documents.length, "document")}, ${number(lost)} of ${number(size)} characters removed (${percent(lost, size)})`;
  }

  // ---- one document ----------------------------------------------------------------------------------------------

  function element(doc) {
    if (doc.element) return doc.element;
    doc.row = make(
      "button", { type: "button", class: "row", "aria-expanded": "false", onclick: () => toggle(doc) },
      make("span", {}, make("span", { class: "title" }, isolated(doc.name), " ", ...badges(doc)), (doc.about = make("span", { class: "about" }))),
      bar(doc),
      make("span", { class: "share" }, percent(doc.removed, doc.length)),
    );
    doc.body = make("div", { class: "body", hidden: "" });
    doc.element = make("li", { class: "document", id: `row-${doc.at}` }, doc.row, doc.body);
    about(doc);
    return doc.element;
  }

  function badges(doc) {
    const words = [];
    if (doc.unusual) words.push("far more than usual");
    if (doc.problem) words.push("nothing removed");
    return words.map((word) => make("span", { class: "badge" }, word));
  }

  function about(doc) {
    const judged = judgedIn(doc);
    const parts = [doc.site, doc.language, plural(doc.length, "character"), plural(removals(doc), "removal")];
    if (judged) parts.push(`${number(judged)} judged`);
    doc.about.textContent = parts.filter(Boolean).join(" · ");
  }

  function bar(doc) {
    const groups = new Map();
    for (const [fate, , , group, , size] of doc.found) {
      if (fate === "removed") groups.set(group, (groups.get(group) ?? 0) + size);
    }
    const parts = [...groups].map(([group, size]) =>
      make("i", { "data-group": group, style: { width: `${(100 * size) / Math.max(1, doc.length)}%` }, title: `${group}: ${number(size)} characters` }));
    return make("span", { class: "strip", "aria-hidden": "true" }, ...parts);
  }

  function toggle(doc, open = doc.body.hidden) {
    doc.body.hidden = !open;
    doc.element.classList.toggle("open", open);
    doc.row.setAttribute("aria-expanded", String(open));
    if (open && !doc.drawn) draw(doc);
  }

  function forgetTexts() {
    for (const doc of documents) {
      doc.drawn = null;
      if (doc.element && !doc.body.hidden) draw(doc);
    }
    here = null;
    show(null);
  }

  function draw(doc) {
    const read = content(doc);
    if (!read) {
      doc.body.replaceChildren(make("p", { class: "soft" }, "Still loading …"));
      document.addEventListener("DOMContentLoaded", () => draw(doc), { once: true });
      return;
    }
    doc.drawn = [];
    const parts = [where(doc)];
    if (doc.problem) parts.push(make("p", { class: "notice" }, `Nothing was removed: `, isolated(doc.problem)));
    parts.push(read.segments ? text(doc, read) : excerpts(doc, read));
    doc.body.replaceChildren(...parts.filter(Boolean));
  }

  function where(doc) {
    if (!doc.url) return null;
    const safe = /^https?:\/\//i.test(doc.url);
    const address = safe ? make("a", { href: doc.url, rel: "noopener noreferrer nofollow", target: "_blank" }, isolated(doc.url)) : isolated(doc.url);
    return make("p", { class: "where soft" }, address);
  }

  /** Runs of segments that show the same mark: [text, index of the mark or -1, indices of all marks under it]. */
  function runs(read) {
    const rank = { removed: 3, flagged: 2, near: 1 };
    const chief = (marks) => {
      let best = -1;
      for (const at of marks) {
        const mark = read.marks[at];
        if (!shownFate(mark.fate) || !shownKind(mark.label, mark.rule)) continue;
        const other = read.marks[best];
        const better = !other || rank[mark.fate] > rank[other.fate] || (rank[mark.fate] === rank[other.fate] && mark.confidence > other.confidence);
        if (better) best = at;
      }
      return best;
    };
    const out = [];
    for (const [words, , marks] of read.segments) {
      const at = chief(marks);
      const last = out[out.length - 1];
      if (last && last.at === at) {
        last.words += words;
        marks.forEach((mark) => last.marks.add(mark));
      } else out.push({ words, at, marks: new Set(marks) });
    }
    return out;
  }

  function text(doc, read) {
    const box = make("div", { class: "text", dir: "auto" });
    for (const run of runs(read)) {
      if (run.at < 0) stretch(box, run.words, (words) => document.createTextNode(words));
      else marked(box, doc, read, run);
    }
    return box;
  }

  /** Words into a box; the middle of a long stretch is folded until asked for. */
  function stretch(box, words, wrap) {
    if (words.length <= FOLD) return void box.append(wrap(words));
    const from = cleft(words, ENDS);
    const to = cleft(words, words.length - ENDS);
    const middle = words.slice(from, to);
    const fold = make("button", { type: "button", class: "fold" }, `${number(middle.length)} more characters`);
    fold.addEventListener("click", (event) => {
      event.stopPropagation();
      fold.replaceWith(...chunks(middle, wrap));
    });
    box.append(wrap(words.slice(0, from)), fold, wrap(words.slice(to)));
  }

  /** A place near `at` where text may be cut: behind a line, else behind a word, never inside a character. */
  function cleft(words, at) {
    const line = words.lastIndexOf("\n", at);
    if (line > at - ENDS / 2) return line + 1;
    const word = words.lastIndexOf(" ", at);
    if (word > at - 200) return word + 1;
    const code = words.charCodeAt(at);
    return code >= 0xdc00 && code < 0xe000 ? at - 1 : at;
  }

  function chunks(words, wrap) {
    const out = [];
    for (let at = 0; at < words.length; ) {
      let to = words.length - at > CHUNK ? words.lastIndexOf("\n", at + CHUNK) : words.length;
      if (to <= at && to < words.length) to = words.indexOf("\n", at + CHUNK);
      if (to < 0) to = words.length;
      out.push(make("div", { class: "chunk", dir: "auto" }, wrap(words.slice(at, to))));
      at = to < words.length ? to + 1 : to; // the end of the block stands for the newline
    }
    return out;
  }

  function marked(box, doc, read, run) {
    const mark = read.marks[run.at];
    const [, before, core, after] = /^(\s*)([^]*?)(\s*)$/.exec(run.words);
    if (!core) return void box.append(run.words);
    const stop = { doc, at: run.at, marks: [...run.marks], elements: [] };
    const wrap = (words) => {
      const first = !stop.elements.length;
      const span = make(
        "span", { class: core.length > 300 ? "mark long" : "mark", "data-fate": mark.fate, "data-group": mark.group },
        first ? make("span", { class: "tag" }, mark.label) : null, make("span", { class: "words" }, words),
      );
      if (first) {
        span.tabIndex = 0;
        span.setAttribute("role", "button");
        span.setAttribute("aria-description", FATES[mark.fate]);
        span.addEventListener("focus", () => stand(stop));
      }
      span.addEventListener("click", () => stand(stop, { focus: true }));
      span.addEventListener("mouseenter", () => show(stop));
      span.addEventListener("mouseleave", () => show(here));
      stop.elements.push(span);
      return span;
    };
    box.append(before);
    stretch(box, core, wrap);
    box.append(after);
    doc.drawn.push(stop);
    paint(stop);
  }

  /** What is shown of a document whose text is too long for the page. */
  function excerpts(doc, read) {
    const box = make("div", { class: "text", dir: "auto" });
    box.append(make("p", { class: "notice" }, `The text is too long for this page (${plural(doc.length, "character")}). These are its marks.`));
    read.marks.forEach((mark, at) => {
      if (!shownFate(mark.fate) || !shownKind(mark.label, mark.rule)) return;
      marked(box, doc, read, { words: mark.excerpt, at, marks: new Set([at]) });
      box.append("\n\n");
    });
    return box;
  }

  // ---- the panel -------------------------------------------------------------------------------------------------

  function stand(stop, { focus = false } = {}) {
    here?.elements.forEach((span) => span.classList.remove("here"));
    here = stop;
    stop.elements.forEach((span) => span.classList.add("here"));
    if (focus && document.activeElement !== stop.elements[0]) stop.elements[0].focus();
    show(stop);
  }

  function show(stop) {
    const panel = byId("details");
    panel.classList.toggle("idle", !stop);
    if (!stop) {
      panel.replaceChildren(make("p", { class: "soft" }, "Point at a mark, or press ", make("kbd", {}, "j"), " to go to the first one: its rule, its evidence and the buttons to judge it are shown here."));
      return;
    }
    const read = content(stop.doc);
    const others = stop.marks.filter((at) => at !== stop.at).map((at) => section(stop.doc, read.marks[at]));
    const close = make("button", { type: "button", class: "close", "aria-label": "Close", onclick: leave }, "×");
    panel.replaceChildren(close, section(stop.doc, read.marks[stop.at], stop), ...others);
  }

  function section(doc, mark, stop = null) {
    const title = make("h3", {}, make("span", { class: "tag" }, mark.label), make("span", { class: "fate" }, stop ? FATES[mark.fate] : `also here: ${FATES[mark.fate]}`));
    const sure = make(
      "p", { class: "sure", title: "confidence" },
      make("span", {}, make("i", { style: { width: `${100 * Math.min(1, Math.max(0, mark.confidence))}%` } })),
      make("span", { class: "number" }, `confidence ${mark.confidence.toFixed(2)}`),
    );
    const rule = make("p", {}, make("code", {}, isolated(mark.rule)), " ");
    if (stop) rule.append(make("button", { type: "button", class: "link", onclick: () => choose("rule", value(mark.rule)) }, "only this rule"));
    const evidence = mark.evidence.map(([source, amount, why]) =>
      make("li", {}, make("span", { class: "number" }, `${amount < 0 ? "−" : "+"}${Math.abs(amount).toFixed(2)}`), make("span", {}, `${source}: `, isolated(why))));
    const captured = mark.captured.map(([name, words]) => make("li", {}, make("span", { class: "soft" }, name), isolated(words)));
    const place = `characters ${number(mark.start)} to ${number(mark.end)}`;
    return make(
      "section", { "data-group": mark.group },
      title, rule,
      mark.reason ? make("p", { class: "reason" }, "stays: ", isolated(mark.reason)) : null,
      sure,
      evidence.length ? make("ul", { "aria-label": "Evidence" }, ...evidence) : null,
      captured.length ? make("ul", { "aria-label": "Captured" }, ...captured) : null,
      make("p", { class: "soft" }, place),
      stop ? verdicts(doc, mark, stop) : null,
    );
  }

  function verdicts(doc, mark, stop) {
    const given = verdict(doc, mark);
    const button = (word, key, chosen) =>
      make("button", { type: "button", "aria-pressed": String(given === chosen), onclick: () => judge(stop, given === chosen ? null : chosen) }, `${word} `, make("kbd", {}, key));
    const removed = mark.fate === "removed";
    return make(
      "div", { class: "verdicts", role: "group", "aria-label": "Judgement" },
      button(removed ? "Accept" : "Should go", "a", "accepted"), button(removed ? "Reject" : "Stays", "r", "rejected"),
      make("button", { type: "button", onclick: () => step(-1) }, "Previous ", make("kbd", {}, "k")), make("button", { type: "button", onclick: () => step(1) }, "Next ", make("kbd", {}, "j")),
    );
  }

  function leave() {
    here?.elements.forEach((span) => span.classList.remove("here"));
    here?.elements[0].blur();
    here = null;
    show(null);
  }

  // ---- moving ----------------------------------------------------------------------------------------------------

  function stops(doc) {
    element(doc);
    if (!doc.drawn) draw(doc);
    return doc.drawn ?? [];
  }

  /** To the next (1) or previous (-1) mark that `wanted` takes, opening documents on the way. */
  function step(way, wanted = () => true) {
    const from = here ? matching.indexOf(here.doc) : -1;
    if (here && from >= 0) {
      const own = stops(here.doc);
      for (let at = own.indexOf(here) + way; at >= 0 && at < own.length; at += way) if (wanted(own[at])) return go(own[at]);
    }
    const first = from >= 0 ? from + way : way > 0 ? 0 : matching.length - 1;
    for (let at = first; at >= 0 && at < matching.length; at += way) {
      if (!matching[at].found.some(([fate, label, rule]) => shownFate(fate) && shownKind(label, rule))) continue;
      const own = stops(matching[at]).filter(wanted);
      if (own.length) return go(way > 0 ? own[0] : own[own.length - 1]);
    }
  }

  function go(stop) {
    toggle(stop.doc, true);
    stand(stop);
    stop.elements[0].focus({ preventScroll: true });
    stop.elements[0].firstChild.scrollIntoView({ block: "center" });
  }

  function stepDocument(way) {
    const focused = matching.findIndex((doc) => doc.element?.contains(document.activeElement));
    const from = focused >= 0 ? focused : here ? matching.indexOf(here.doc) : -1;
    const doc = matching[from < 0 ? 0 : from + way];
    if (!doc) return;
    doc.row.focus({ preventScroll: true });
    doc.element.scrollIntoView({ block: "center" });
  }

  // ---- judging ---------------------------------------------------------------------------------------------------

  function judge(stop, given) {
    const mark = content(stop.doc).marks[stop.at];
    const key = identity(stop.doc, mark);
    if (given) judgements.set(key, judgement(stop.doc, mark, stop.at, given));
    else judgements.delete(key);
    unsaved = judgements.size > 0;
    paint(stop);
    about(stop.doc);
    said();
    show(stop);
  }

  function judgement(doc, mark, at, given) {
    const [before, words, after] = surroundings(content(doc), mark, at);
    return {
      verdict: given, document: doc.name, sha256: doc.sha256, url: doc.url, language: doc.language, fate: mark.fate,
      label: mark.label, rule: mark.rule, confidence: mark.confidence, start: mark.start, end: mark.end, before, text: words, after,
    };
  }

  /** What stays of the text before and behind a mark, by whole lines, and its own words. */
  function surroundings(read, mark, at) {
    if (!read.segments) return ["", mark.excerpt, ""];
    let before = "";
    let words = "";
    let after = "";
    for (const [piece, fate, marks] of read.segments) {
      if (marks.includes(at)) words += piece;
      else if (fate !== "removed" && !words) before = (before + piece).slice(-2 * CONTEXT);
      else if (fate !== "removed" && after.length < CONTEXT) after += piece.slice(0, CONTEXT);
    }
    if (before.length > CONTEXT) {
      const line = before.indexOf("\n", before.length - CONTEXT);
      before = line < 0 ? before.slice(-CONTEXT) : before.slice(line + 1);
    }
    return [before, words, after.slice(0, Math.max(after.lastIndexOf("\n", CONTEXT) + 1, Math.min(after.length, CONTEXT)))];
  }

  function paint(stop) {
    const given = verdict(stop.doc, content(stop.doc).marks[stop.at]);
    for (const span of stop.elements) {
      if (given) span.dataset.verdict = given;
      else delete span.dataset.verdict;
    }
  }

  function said() {
    let accepted = 0;
    for (const one of judgements.values()) accepted += one.verdict === "accepted";
    const rejected = judgements.size - accepted;
    byId("judged").textContent = judgements.size ? `${number(accepted)} accepted, ${number(rejected)} rejected` : "";
    byId("save").disabled = !judgements.size;
  }

  function save() {
    const order = (a, b) => (a.document < b.document ? -1 : a.document > b.document ? 1 : a.start - b.start || a.end - b.end);
    const file = { schema: 1, kind: "stripper-feedback", stripper: index.stripper, judgements: [...judgements.values()].sort(order) };
    const address = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1) + "\n"], { type: "application/json" }));
    make("a", { href: address, download: "stripper-feedback.json" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    unsaved = false;
  }

  async function load(event) {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    try {
      const read = JSON.parse(await file.text());
      if (read.kind !== "stripper-feedback" || !Array.isArray(read.judgements)) throw new Error("not judgements saved by a report");
      for (const one of read.judgements) judgements.set(JSON.stringify([one.sha256, one.start, one.end, one.fate, one.rule]), one);
      for (const doc of documents) {
        if (doc.element) about(doc);
        doc.drawn?.forEach(paint);
      }
      said();
      show(here);
    } catch (error) {
      byId("judged").textContent = `${file.name} can't be read: ${error.message}`;
    }
  }

  // ---- keys ------------------------------------------------------------------------------------------------------

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    n: () => step(1, (stop) => content(stop.doc).marks[stop.at].fate === "removed" && !verdict(stop.doc, content(stop.doc).marks[stop.at])),
    a: () => here && judge(here, "accepted"),
    r: () => here && judge(here, "rejected"),
    u: () => here && judge(here, null),
    "]": () => stepDocument(1),
    "[": () => stepDocument(-1),
    "/": () => byId("text").focus(),
    "?": () => byId("help").showModal(),
    Escape: leave,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    const typing = event.target.matches("input, select, textarea");
    if (typing && event.key === "Escape") return event.target.blur();
    if (typing || !Object.hasOwn(KEYS, event.key)) {
      if (!typing && event.target.matches(".mark") && (event.key === "Enter" || event.key === " ")) event.preventDefault();
      return;
    }
    event.preventDefault();
    KEYS[event.key]();
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  byId("save").addEventListener("click", save);
  byId("load").addEventListener("change", load);
  byId("keys").addEventListener("click", () => byId("help").showModal());
  const measure = () => {
    const sticky = getComputedStyle(byId("filters")).position === "sticky";
    document.documentElement.style.setProperty("--toolbar", sticky ? `${byId("filters").offsetHeight}px` : "0px");
  };
  window.addEventListener("resize", measure);

  if (matchMedia("(max-width: 40rem)").matches) byId("overview").open = false; // the texts come first there
  overview();
  choices();
  apply();
  show(null);
  measure();
})();
