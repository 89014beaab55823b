// The force's list of tags: added, renamed, retired and taken into use again.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../api";
import { store } from "../app";
import type { FieldError } from "../views/form";
import { Form, Loaded, Table, TextField, useLoaded } from "./kit";
import { MAX_TAG, type Tag, codeOf, inOrder } from "./replyWords";

interface Kept { tags: readonly Tag[]; done: (words: string) => void; reload: () => void }

const path = (code: string): string => `/tags/${encodeURIComponent(code)}`;

export function Tags() {
  const list = useLoaded<{ tags: Tag[] }>("/tags");
  const open = useSignal("");
  const said = useSignal("");
  const done = (words: string): void => {
    said.value = words;
    open.value = "";
    document.getElementById("tags-title")?.focus(); // what had the focus may be gone
    list.reload();
  };
  return (
    <section aria-labelledby="tags-title">
      <h3 id="tags-title" tabIndex={-1}>Tags</h3>
      <p role="status">{said.value}</p>
      <Loaded of={list}>
        {({ tags }) => {
          const one = tags.find(({ code }) => code === open.value);
          return (
            <>
              {one !== undefined && <One key={one.code} one={one} done={done} reload={list.reload} />}
              <Table
                caption={`${tags.filter(({ retired }) => !retired).length} tags in use`} rows={inOrder(tags)} id={({ code }) => code} none="There are no tags yet."
                columns={[
                  { name: "Tag", cell: ({ code, name }) => <button type="button" class="as-link" onClick={() => { said.value = ""; open.value = code; }}>{name}</button> },
                  { name: "Code in records", cell: ({ code }) => <code>{code}</code> },
                  { name: "State", cell: ({ retired }) => (retired ? "Retired" : "In use") },
                ]}
              />
              <Add tags={tags} done={done} reload={list.reload} />
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

const named = (name: string, field: string): FieldError[] =>
  (name.trim() === "" || name.trim().length > MAX_TAG ? [{ field, text: `Enter a name of 1 to ${MAX_TAG} characters` }] : []);

/** Send a change; when somebody else was quicker, show what stands now beside the refusal. */
async function sent(write: Promise<unknown>, reload: () => void): Promise<void> {
  try {
    await write;
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 409) reload();
    throw failure;
  }
}

function One({ one, done, reload }: { one: Tag } & Omit<Kept, "tags">) {
  const name = useSignal(one.name);
  useEffect(() => document.getElementById("tag-name")?.focus(), []);
  const save = async (): Promise<string> => {
    await sent(store.api.write(path(one.code), { name: name.value.trim(), rev: one.rev }, "PUT"), reload);
    done(`“${name.value.trim()}” is saved.`);
    return "";
  };
  const retire = async (): Promise<string> => {
    await sent(store.api.write(path(one.code), {}, "DELETE"), reload);
    done(`“${one.name}” is retired.`);
    return "";
  };
  return (
    <div class="inset">
      <Form action={one.retired ? "Take into use again" : "Save the name"} check={() => named(name.value, "tag-name")} send={save}>
        <TextField id="tag-name" label={`Name of the tag ${one.code}`} value={name.value} onChange={(value) => { name.value = value; }} />
      </Form>
      {!one.retired && <Form action="Retire this tag" danger send={retire}><p>Posts that carry it keep it; it is put on nothing more.</p></Form>}
    </div>
  );
}

function Add({ tags, done, reload }: Kept) {
  const name = useSignal("");
  const code = codeOf(name.value);
  const check = (): FieldError[] => {
    const wrong = named(name.value, "tag-new");
    if (wrong.length > 0) return wrong;
    if (code === "") return [{ field: "tag-new", text: "Enter a name with a letter from A to Z in it" }];
    return tags.some((one) => one.code === code) ? [{ field: "tag-new", text: `There is a tag ${code} already: open it in the list` }] : [];
  };
  const send = async (): Promise<string> => {
    const wanted = name.value.trim();
    await sent(store.api.write(path(code), { name: wanted, rev: 0 }, "PUT"), reload);
    name.value = "";
    done(`“${wanted}” is added.`);
    return "";
  };
  return (
    <Form action="Add the tag" check={check} send={send}>
      <TextField id="tag-new" label="New tag" hint={code === "" ? "Records carry a code made from its name" : `Records will carry the code ${code}`}
        value={name.value} onChange={(value) => { name.value = value; }} />
    </Form>
  );
}
