import type { MimeBundle } from "../../lib/util/frontend";
import type { Comm, CommMessage, Comms } from "./globals";

export type State = Readonly<Record<string, unknown>>;

const protocol = { version: "2.1.0" };
const viewVersion = { version_major: 2, version_minor: 0 };
/** Debian 12's classic Notebook has ipywidgets 6, in which all models are in this module. */
const legacyModule = "jupyter-js-widgets";

/** The names by which a front end finds what draws a model. */
interface Kind {
  readonly model: string;
  readonly view: string;
  readonly viewModule: string;
  /** Its model in ipywidgets 6. */
  readonly legacyModel: string;
}

const controlsModule = "@jupyter-widgets/controls";

export function controlKind(name: string): Kind {
  const model = `${name}Model`;
  return { model, view: `${name}View`, viewModule: controlsModule, legacyModel: model };
}

const styleKind: Kind = {
  model: "DescriptionStyleModel",
  view: "StyleView",
  viewModule: "@jupyter-widgets/base",
  legacyModel: "StyleModel",
};

/** Where models are drawn: whose version is learned from what it says. */
export class WidgetFrontEnd {
  readonly comms: Comms;
  isLegacy = false;

  constructor(comms: Comms) {
    this.comms = comms;
    // Version 6 begins by asking which version is wanted, and later ones do not.
    comms.register("jupyter.widget.version", (comm) => {
      this.isLegacy = true;
      comm.send({ version: "*" });
    });
  }
}

/**
 * A model of ipywidgets that lives here and is drawn in the front end. It speaks the protocol of versions 7
 * and 8 of ipywidgets, and at the same time that of version 6, which reads other fields of the same messages
 * (https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/messages.md).
 */
export class WidgetModel {
  onUpdate: (state: State) => unknown = () => undefined;
  onCustom: (content: State) => unknown = () => undefined;
  private readonly comm: Comm;
  private readonly kind: Kind;
  private readonly frontEnd: WidgetFrontEnd;
  private state: State;

  constructor(frontEnd: WidgetFrontEnd, kind: Kind, state: State) {
    this.frontEnd = frontEnd;
    this.kind = kind;
    // Else a label is cut at 80 pixels.
    const style =
      kind === styleKind ? undefined : new WidgetModel(frontEnd, styleKind, { description_width: "initial" });
    this.state = style === undefined ? state : { ...state, style: `IPY_MODEL_${style.comm.id}` };
    const data = { state: this.whole(), buffer_paths: [], ...this.legacyWhole() };
    this.comm = frontEnd.comms.open("jupyter.widget", data, { metadata: protocol });
    this.comm.onMessage = (message) => this.hear(message);
  }

  set(state: State): void {
    this.state = { ...this.state, ...state };
    this.update(state);
  }

  bundle(text: string): MimeBundle {
    // Version 6 does not draw what is in the output, but is told to draw beside it.
    this.comm.send({ method: "display" });
    return {
      "application/vnd.jupyter.widget-view+json": { ...viewVersion, model_id: this.comm.id },
      "text/plain": text,
    };
  }

  private update(state: State): void {
    this.comm.send({ method: "update", state, buffer_paths: [] });
  }

  private hear({ data }: CommMessage): unknown {
    const { method, ...fields } = data as { method: string } & Record<string, State>;
    if (method === "custom") return this.onCustom(fields["content"]);
    if (method === "request_state") {
      this.update(this.frontEnd.isLegacy ? this.legacyWhole() : this.whole());
      return undefined;
    }
    const changed = fields[method === "backbone" ? "sync_data" : "state"];
    this.state = { ...this.state, ...changed };
    return this.onUpdate(changed);
  }

  private whole(): State {
    const { model, view, viewModule } = this.kind;
    return { ...this.state, ...names(controlsModule, model, viewModule, view) };
  }

  private legacyWhole(): State {
    const { view, legacyModel } = this.kind;
    return { ...this.state, style: undefined, ...names(legacyModule, legacyModel, legacyModule, view) };
  }
}

function names(modelModule: string, model: string, viewModule: string, view: string): State {
  return {
    ...{ _model_module: modelModule, _model_module_version: "*", _model_name: model },
    ...{ _view_module: viewModule, _view_module_version: "*", _view_name: view },
  };
}
