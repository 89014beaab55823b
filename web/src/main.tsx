import { render } from "preact";
import "./styles/tokens.css";
import "./styles/frame.css";
import "./styles/list.css";
import "./styles/detail.css";
import "./styles/forms.css";
import "./styles/office.css";
import { startApp } from "./app";
import { watchRoute } from "./route";
import { App } from "./views/App";

const place = document.getElementById("app");
if (place === null) throw new Error("index.html has no place for the app");
watchRoute();
startApp();
render(<App />, place);
