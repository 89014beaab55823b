import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/api";
import { checkAccount, checkable, wordsOf } from "../src/state/check";
import { Store } from "../src/state/store";
import type { Check } from "../src/types";
import { ME, fakeApi, post } from "./factory";

const DONE: Check = {
  account: "facebook-1", day: "2026-11-22", state: "checked", due_at: "2026-11-22T16:00:00.000Z",
  at: "2026-11-22T09:00:00.000Z", by: { id: "sub-1", name: "Priya Shah" }, capacity: "lead",
};
const page = { posts: [post("p1")], next: null, counts: { open: 1 }, looked: "proof" };

describe("the daily check", () => {
  const queue = vi.fn();
  const write = vi.fn();
  let store: Store;
  beforeEach(() => {
    queue.mockReset().mockResolvedValue(page);
    write.mockReset().mockResolvedValue(DONE);
    store = new Store(fakeApi({ queue, write }));
    store.me.value = { ...ME, permissions: ["check"] };
  });

  it("is offered for the one account whose queue was read", async () => {
    await store.openQueue("account:facebook-1");
    expect(checkable(store)).toBe("facebook-1");
    queue.mockResolvedValue({ ...page, looked: null });
    await store.openQueue("open");
    expect(checkable(store)).toBeNull();
  });

  it("is not offered to whom it is not given", async () => {
    store.me.value = ME;
    await store.openQueue("account:facebook-1");
    expect(checkable(store)).toBeNull();
  });

  it("sends the proof and says who checked", async () => {
    await store.openQueue("account:facebook-1");
    await checkAccount(store);
    expect(write).toHaveBeenCalledWith("/accounts/facebook-1/check", { looked: "proof" });
    expect(store.checks.value["facebook-1"]).toEqual(DONE);
    expect(wordsOf(DONE)).toMatch(/^Checked today by Priya Shah, its lead: /);
  });

  it("reads the queue anew when looking was too long ago", async () => {
    await store.openQueue("account:facebook-1");
    write.mockRejectedValue(new ApiError(422, "not_looked", "Open the account's queue first."));
    await checkAccount(store);
    expect(queue).toHaveBeenCalledTimes(2);
    expect(store.notices.value.at(-1)?.text).toBe("Open the account's queue first.");
  });

  it("without a queue of one account sends nothing", async () => {
    await store.openQueue("open");
    store.looked.value = null;
    await checkAccount(store);
    expect(write).not.toHaveBeenCalled();
  });
});
