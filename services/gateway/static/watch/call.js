// Calls to the hub in this browser's session. The token proves that one of the hub's own pages asks.
export class CallFailed extends Error {
  // `status` is 0 where nobody answered: without a line, or too late.
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  get isOffline() {
    return this.status === 0;
  }

  // What may go well when it is sent once more.
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function caller(token) {
  return async (method, path, body, { keepalive = false, timeoutMs = 15000 } = {}) => {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": token };
    const signal = keepalive ? undefined : AbortSignal.timeout(timeoutMs);
    let answer;
    try {
      answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), keepalive, signal });
    } catch {
      throw new CallFailed(0, "The hub does not answer.");
    }
    if (!answer.ok) throw new CallFailed(answer.status, await detailOf(answer));
    return answer.status === 204 ? null : answer.json();
  };
}

async function detailOf(answer) {
  try {
    const problem = await answer.json();
    return problem.detail || problem.title;
  } catch {
    return `The hub answered ${answer.status}.`;
  }
}
