import { KernelManager, ServerConnection } from "@jupyterlab/services";
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import { expect } from "chai";
import { execFile, execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { emptyFolder, freePorts, program, root } from "./support/client";

// The system's Python is the one that has Debian's Jupyter.
const python = "/usr/bin/python3";
const tests = join(root, "test", "kernel", "support", "jupyter_kernel_tests.py");

describe("with Jupyter", () => {
  const folder = emptyFolder();
  const env = {
    ...process.env,
    JUPYTER_PATH: join(folder, "share", "jupyter"),
    XDG_DATA_HOME: folder,
    JUPYTER_RUNTIME_DIR: folder,
    JUPYTER_CONFIG_DIR: folder,
    PYTHONWARNINGS: "ignore",
  };
  before(() => execFileSync(process.execPath, [program, "install", "--prefix", folder]));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("jupyter_kernel_test passes", async () => {
    const { stderr } = await promisify(execFile)(python, ["-W", "ignore", tests], { env });
    expect(stderr)
      .to.match(/Ran 1\d tests/)
      .and.to.match(/\nOK\s*$/);
  });

  describe("a server and @jupyterlab/services", () => {
    let server: ChildProcess;
    let manager: KernelManager;
    let kernel: Kernel.IKernelConnection;

    before(async () => {
      const started = await startServer(folder, env);
      server = started.server;
      const { url: baseUrl, token } = started;
      const wsUrl = baseUrl.replace(/^http/, "ws");
      const serverSettings = ServerConnection.makeSettings({ baseUrl, wsUrl, token, appendToken: true });
      manager = new KernelManager({ serverSettings });
      kernel = await manager.startNew({ name: "saddle" });
    });
    after(async () => {
      await kernel.shutdown();
      manager.dispose();
      server.kill();
      await once(server, "exit");
    });

    const run = async (code: string, whenPrinting?: () => void) => {
      const texts: string[] = [];
      const future = kernel.requestExecute({ code });
      future.onIOPub = ({ header, content }: KernelMessage.IIOPubMessage) => {
        if (header.msg_type !== "stream") return;
        texts.push((content as KernelMessage.IStreamMsg["content"]).text);
        whenPrinting?.();
      };
      return { reply: (await future.done).content, text: texts.join("") };
    };

    it("run, complete and inspect", async () => {
      expect((await kernel.info).implementation).to.equal("saddle");
      const { reply, text } = await run("const greeting = 'hello';\nconsole.log(greeting)");
      expect([reply.status, text]).to.deep.equal(["ok", "hello\n"]);
      const completed = await kernel.requestComplete({ code: "greeting.toUp", cursor_pos: 13 });
      expect(completed.content).to.deep.include({ matches: ["toUpperCase"] });
      const inspected = await kernel.requestInspect({ code: "greeting", cursor_pos: 4, detail_level: 0 });
      expect(JSON.stringify(inspected.content)).to.contain("const greeting");
    });

    it("interrupt a loop and keep the variables", async () => {
      const { reply } = await run(
        "let seen = 1;\nconsole.log('on');\nwhile (true) {}",
        () => void kernel.interrupt(),
      );
      expect(reply).to.deep.include({ status: "error", ename: "Interrupted" });
      expect((await run("console.log(seen)")).text).to.equal("1\n");
    });

    it("ask for input", async () => {
      const future = kernel.requestExecute({ code: "console.log(await input('who? '))", allow_stdin: true });
      const texts: string[] = [];
      future.onIOPub = ({ content }) => void texts.push((content as { text?: string }).text ?? "");
      future.onStdin = () => kernel.sendInputReply({ status: "ok", value: "Grace" }, {} as never);
      await future.done;
      expect(texts.join("")).to.equal("Grace\n");
    });

    it("open a comm, and hear it", async () => {
      await run(
        `comms.register("echo", (comm) => {\n  comm.onMessage = ({ data }) => comm.send({ back: data });\n});`,
      );
      const comm = kernel.createComm("echo");
      const heard = new Promise<unknown>((resolve) => {
        comm.onMsg = ({ content }) => resolve(content.data);
      });
      await comm.open({}).done;
      await comm.send({ n: 5 }).done;
      expect(await heard).to.deep.equal({ back: { n: 5 } });
      await comm.close().done;
    });

    it("run a cell in a subshell while another waits", async () => {
      expect(kernel.supportsSubshells).to.equal(true);
      const waiting = run("let open = () => {};\nawait new Promise<void>((done) => (open = done));");
      const other = manager.connectTo({ model: kernel.model });
      const created = await kernel.requestCreateSubshell({}).done;
      const { subshell_id: subshell } = created.content;
      other.subshellId = subshell;
      await other.requestExecute({ code: "open()" }).done;
      expect((await waiting).reply.status).to.equal("ok");
      await kernel.requestDeleteSubshell({ subshell_id: subshell }).done;
      other.dispose();
    });

    it("go on after the connection was lost", async () => {
      await run("const before = 7;");
      await kernel.reconnect();
      expect((await run("console.log(before)")).text).to.equal("7\n");
    });

    it("restart with nothing left of the variables", async () => {
      await kernel.restart();
      const { reply } = await run("seen");
      expect((reply as KernelMessage.IReplyErrorContent).evalue).to.contain("Cannot find name 'seen'");
    });
  });
});

interface StartedServer {
  readonly server: ChildProcess;
  readonly url: string;
  readonly token: string;
}

async function startServer(folder: string, env: NodeJS.ProcessEnv): Promise<StartedServer> {
  const token = "test";
  const [port] = await freePorts(1);
  const options = ["--no-browser", "--allow-root", "--ip=127.0.0.1"];
  const args = [
    "-m",
    "jupyter_server",
    ...options,
    `--port=${port}`,
    `--ServerApp.token=${token}`,
    `--ServerApp.root_dir=${folder}`,
  ];
  const server = spawn(python, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    server.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const [found] = /http:\/\/127\.0\.0\.1:[1-9]\d*\//.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    server.on("exit", () => reject(new Error(`the Jupyter server did not start:\n${said}`)));
  });
  return { server, url, token };
}
