// The inbox: queues, list, post.
import { useEffect } from "preact/hooks";
import { commands, store } from "../app";
import { route } from "../route";
import { queueOf } from "../state/queues";
import { CheckLine } from "./CheckLine";
import { DetailPane } from "./DetailPane";
import { PostList } from "./PostList";
import { Queues } from "./Queues";

export function Inbox() {
  const { queue } = route.value;
  useEffect(() => {
    void openFromAddress(queueOf(queue).id);
  }, [queue]);
  const opened = store.detail.value !== null;
  return (
    <div class={`panes three ${opened ? "opened" : ""}`}>
      <Queues current={store.queueId.value} />
      <PostList tall={false} header={<CheckLine />} />
      <DetailPane />
    </div>
  );
}

async function openFromAddress(queue: string): Promise<void> {
  const { post } = route.peek();
  await store.openQueue(queue);
  if (post !== null) await commands.open(post);
}
