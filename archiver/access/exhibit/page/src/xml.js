// As much of XML as the indexes of this archive use: elements, attributes, text. No DOCTYPE, no entities but the five,
// so nothing is looked up and nothing grows. Names are given without their prefix.

import { Malformed } from "./asn1.js";

const TOKEN = /<\?[^>]*\?>|<!--(?:(?!--)[^])*-->|<!\[CDATA\[([^]*?)\]\]>|<(\/)?([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/)?>|[^<]+/gy;
const ATTRIBUTE = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAMED = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const DEEPEST = 64;

class Element {
  constructor(name, attributes) { Object.assign(this, { name, attributes, children: [], text: "" }); }

  // The first child of this name, or undefined.
  child(name) { return this.children.find((child) => child.name === name); }

  // All elements of this name below it, in order.
  *all(name) {
    for (const child of this.children) {
      if (child.name === name) yield child;
      yield* child.all(name);
    }
  }
}

// The root element of a document in UTF-8. Throws Malformed.
export function parse(octets) {
  const text = decoded(octets), top = new Element("", {}), open = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex, found = TOKEN.exec(text);
    if (!found) throw new Malformed(`XML: character ${at}`);
    const [whole, cdata, end, name, attributes, empty] = found;
    const here = open.at(-1);
    if (end) {
      if (here.name !== local(name) || open.length === 1) throw new Malformed(`XML: </${name}>`);
      open.pop();
    } else if (name) {
      const element = new Element(local(name), attributesOf(attributes));
      here.children.push(element);
      if (!empty) open.push(element);
      if (open.length > DEEPEST) throw new Malformed("XML: too deep");
    } else if (cdata !== undefined) here.text += cdata;
    else if (whole[0] !== "<") here.text += unescaped(whole);
  }
  if (open.length !== 1 || top.children.length !== 1 || top.text.trim()) throw new Malformed("XML: expected one root element");
  return top.children[0];
}

function decoded(octets) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    throw new Malformed("XML: expected UTF-8");
  }
}

const local = (name) => name.slice(name.indexOf(":") + 1);

function attributesOf(text) {
  const found = {};
  for (const [, qualified, double, single] of text.matchAll(ATTRIBUTE)) {
    if (/^xmlns(:|$)/.test(qualified)) continue;
    const name = local(qualified);
    if (Object.hasOwn(found, name)) throw new Malformed(`XML: attribute ${name} twice`);
    found[name] = unescaped(double ?? single);
  }
  return found;
}

function unescaped(text) {
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-z]+)?;?/g, (whole, what) => {
    if (!what || !whole.endsWith(";")) throw new Malformed("XML: entity");
    if (what[0] !== "#") {
      if (!NAMED[what]) throw new Malformed(`XML: entity ${what}`);
      return NAMED[what];
    }
    const code = what[1] === "x" ? parseInt(what.slice(2), 16) : parseInt(what.slice(1), 10);
    if (code > 0x10ffff) throw new Malformed(`XML: entity ${what}`);
    return String.fromCodePoint(code);
  });
}
