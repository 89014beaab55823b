import { describe, expect, it } from "vitest";
import { cardLines, foldAt, lengthOf, lengthWords, pieces, seenOn, tilesOn } from "../src/office/publishPreview";
import { type Fields, blank } from "../src/office/publishWords";

const draft = (part: Partial<Fields>): Fields => ({ ...blank(), text: "Hello", accounts: ["a"], ...part });
const whole = (found: { text: string }[]): string => found.map(({ text }) => text).join("");
const link = "https://www.gov.uk/flood";
const assets = [{ id: "p", alt: "A closed road" }];

describe("how it will read", () => {
  it("marks addresses, without what ends the sentence, and loses nothing", () => {
    const text = "See https://a.test/b, or (http://c.test). <b>";
    expect(pieces(text).filter((one) => one.link).map((one) => one.text)).toEqual(["https://a.test/b", "http://c.test"]);
    expect(whole(pieces(text))).toBe(text);
    expect(pieces("")).toEqual([]);
  });
  it("folds on Facebook by length or by lines, not inside a word, and never on X", () => {
    const long = "word ".repeat(200);
    const { shown, folded } = seenOn("facebook", draft({ text: long }), "a");
    expect(whole(shown).endsWith("word")).toBe(true);
    expect(whole(shown).length).toBeLessThanOrEqual(477);
    expect(whole(shown) + whole(folded)).toBe(long);
    expect(foldAt("1\n2\n3\n4\n5\n6")).toBe("1\n2\n3\n4\n5".length);
    expect(foldAt("1\n2\n3\n4\n5")).toBe(9);
    expect(foldAt("x".repeat(500))).toBe(477);
    expect(seenOn("x", draft({ text: long }), "a").folded).toEqual([]);
  });
  it("takes the words that an account has of its own", () => {
    expect(seenOn("x", draft({ variants: { a: "Other" } }), "a")).toMatchObject({ own: true, shown: [{ text: "Other", link: false }] });
    expect(seenOn("x", draft({ variants: { b: "Other" } }), "a").own).toBe(false);
  });
  it("says whether a link gets a card, and shows it among the words where it stands there", () => {
    expect(seenOn("facebook", draft({ link }), "a").notes[0]).toContain("www.gov.uk");
    expect(whole(seenOn("facebook", draft({ link }), "a").shown)).toBe("Hello");
    expect(whole(seenOn("facebook", draft({ link, assets }), "a").shown)).toBe(`Hello\n\n${link}`);
    expect(seenOn("facebook", draft({ link, assets }), "a").notes[0]).toContain("no card");
    expect(whole(seenOn("x", draft({ link }), "a").shown)).toBe(`Hello\n\n${link}`);
    expect(seenOn("x", draft({ link }), "a").notes[0]).toContain("X may show a card of www.gov.uk");
  });
  it("names the address that a card is made of, the last one on X, none beside media", () => {
    const text = "https://a.test/1 and https://b.test/2.";
    expect(seenOn("x", draft({ text }), "a").card).toBe("https://b.test/2");
    expect(seenOn("x", draft({ text, assets }), "a").card).toBeNull();
    expect(seenOn("facebook", draft({ link }), "a").card).toBe(link);
    expect(seenOn("facebook", draft({ text }), "a").card).toBeNull();
  });
  it("shows a card line by line, or says why there is none", () => {
    const card = { host: "www.gov.uk", title: "Flood", description: null, site: "GOV.UK", picture: "assets.test", picture_alt: "A river", large: false };
    expect(cardLines("x", { card, why: null, detail: null })).toEqual(["Small picture from assets.test: A river", "Flood", "www.gov.uk (GOV.UK)"]);
    expect(cardLines("facebook", { card: { ...card, picture: null, picture_alt: null, description: "Go up" }, why: null, detail: null })).toEqual(["No picture.", "Flood", "Go up", "www.gov.uk (GOV.UK)"]);
    expect(cardLines("x", { card: null, why: "gone", detail: "There is no such page." })).toEqual(["There is no such page."]);
  });
  it("names the options of a poll", () => {
    expect(seenOn("x", draft({ poll: { options: ["Yes", "No"], minutes: 60 } }), "a").notes).toEqual(["It asks: Yes / No."]);
  });
});

describe("pictures and films in a preview", () => {
  const some = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `p${at}`, alt: "" }));

  it("stand in four tiles at the most on X, and what is beyond is said not to go out", () => {
    expect(tilesOn("x", some(4))).toEqual({ shown: some(4), more: 0 });
    expect(tilesOn("x", some(6))).toEqual({ shown: some(4), more: 0 });
    expect(seenOn("x", draft({ assets: some(6) }), "a").notes.at(-1)).toContain("X takes 4 at the most, not 6");
    expect(seenOn("x", draft({ assets: some(4) }), "a").notes.at(-1)).toContain("4 pictures or films go with it");
  });
  it("stand in five tiles on Facebook, the last with how many follow", () => {
    expect(tilesOn("facebook", some(5))).toEqual({ shown: some(5), more: 0 });
    expect(tilesOn("facebook", some(8))).toEqual({ shown: some(5), more: 3 });
    expect(tilesOn("facebook", [])).toEqual({ shown: [], more: 0 });
  });
  it("are all shown where a platform is not known", () => {
    expect(tilesOn("", some(7))).toEqual({ shown: some(7), more: 0 });
  });
  it("say how long a film is, to see and to hear", () => {
    expect([0.4, 9, 125, 3723].map(lengthOf)).toEqual(["0:00", "0:09", "2:05", "1:02:03"]);
    expect([0.4, 1, 60, 125, 7201].map(lengthWords)).toEqual(["under a second", "1 second", "1 minute", "2 minutes 5 seconds", "2 hours 1 second"]);
  });
});
