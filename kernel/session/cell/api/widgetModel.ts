import type { MimeBundle } from "../../../../lib/util/frontend";
import type { Comm, CommExtras, CommMessage, Comms } from "../../../contract/globals";

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
  private readonly models: WidgetModel[] = [];

  constructor(comms: Comms) {
    this.comms = comms;
    // Version 6 begins by asking which version is wanted, and later ones do not.
    comms.register("jupyter.widget.version", (comm) => {
      this.isLegacy = true;
      comm.send({ version: "*" });
    });
    // Version 8 asks for all models at once when its page is loaded anew.
    comms.register("jupyter.widget.control", (comm) => {
      this.isLegacy = false;
      comm.onMessage = ({ data, request }) => {
        if ((data as { method?: unknown }).method !== "request_states") return;
        const states = Object.fromEntries(this.models.map((model) => model.described()));
        comm.send({ method: "update_states", states, buffer_paths: [] }, { request });
      };
    });
  }

  add(model: WidgetModel): void {
    this.models.push(model);
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
    frontEnd.add(this);
  }

  set(state: State): void {
    this.state = { ...this.state, ...state };
    this.update(state);
  }

  /** By its id, what a front end needs to make it anew. */
  described(): [id: string, description: State] {
    const state = this.whole();
    const of = (name: string) => state[`_${name}`];
    const description = {
      ...{ model_name: of("model_name"), model_module: of("model_module") },
      ...{ model_module_version: of("model_module_version"), state },
    };
    return [this.comm.id, description];
  }

  bundle(text: string): MimeBundle {
    // Version 6 does not draw what is in the output, but is told to draw beside it.
    this.comm.send({ method: "display" });
    return {
      "application/vnd.jupyter.widget-view+json": { ...viewVersion, model_id: this.comm.id },
      "text/plain": text,
    };
  }

  private update(state: State, extras?: CommExtras): void {
    this.comm.send({ method: "update", state, buffer_paths: [] }, extras);
  }

  private hear({ data, request }: CommMessage): unknown {
    const { method, ...fields } = data as { method: string } & Record<string, State>;
    if (method === "custom") return this.onCustom(fields["content"]);
    if (method === "request_state") {
      this.update(this.frontEnd.isLegacy ? this.legacyWhole() : this.whole(), { request });
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
