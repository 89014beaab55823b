// The picture that goes with an answer, for whoever approves it or looks at what was said. Each look is recorded.
import { Shown } from "../office/Attachments";

export default function SentPicture({ post, action, alt }: { post: string; action: string; alt: string }) {
  return <Shown path={`/posts/${encodeURIComponent(post)}/actions/${encodeURIComponent(action)}/picture`} alt={alt} />;
}
