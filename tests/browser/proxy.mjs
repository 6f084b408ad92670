// A line that can fall silent, as Wi-Fi that is gone or a NAT that forgot: nothing arrives, and nobody is told.
import { connect, createServer } from 'node:net';

export class Proxy {
  /** Between a port of its own and `server`. */
  static async to(server) {
    const proxy = new Proxy();
    proxy.silent = false;
    proxy.sockets = new Set();
    /** Connections that the server has given up while the line was silent. */
    proxy.letGo = 0;
    proxy.listener = createServer({ allowHalfOpen: true }, (near) => proxy.carry(near, server.port));
    await new Promise((resolve) => proxy.listener.listen(0, '127.0.0.1', resolve));
    proxy.port = proxy.listener.address().port;
    proxy.address = `http://127.0.0.1:${proxy.port}`;
    return proxy;
  }

  carry(near, port) {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [[near, far], [far, near]]) {
      this.sockets.add(from);
      from.on('data', async (data) => {
        if (this.gate && data.includes('GET /api/socket')) {
          from.pause();
          await this.gate;
          from.resume();
        }
        if (!this.silent) to.write(data);
      });
      from.on('end', () => {
        if (!this.silent) to.end();
        else if (from === far) this.letGo += 1;
      });
      from.on('error', () => {});
      from.on('close', () => this.sockets.delete(from));
    }
  }

  fallSilent() {
    this.silent = true;
  }

  /** For new connections: what was lost on the old ones doesn't come back. */
  speakAgain() {
    for (const socket of this.sockets) socket.destroy();
    this.silent = false;
  }

  /** WebSockets that begin from now on wait until they are released. */
  holdSockets() {
    this.gate = new Promise((release) => { this.release = release; });
  }

  releaseSockets() {
    this.release();
    this.gate = undefined;
  }

  end() {
    this.speakAgain();
    this.listener.close();
  }
}
