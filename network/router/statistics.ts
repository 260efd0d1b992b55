/** What the router counts about itself. */

export interface RouterStatistics {
  /** Open now. */
  connections: number;
  /** Open now, over all clients. */
  subscriptions: number;
  /** Bytes that wait for clients now. */
  waitingBytes: number;
  /** Since the start. */
  connectionsAccepted: number;
  connectionsRefused: number;
  messagesIn: number;
  bytesIn: number;
  messagesOut: number;
  bytesOut: number;
  /** Clients cut off because they did not take their messages fast enough. */
  slowConsumers: number;
  /** Clients cut off because they did not answer pings. */
  staleConnections: number;
  authenticationFailures: number;
  /** Attempts to connect with a daemon's key that another connection has. */
  doubledKeys: number;
  permissionViolations: number;
  /** Clients cut off because of what they sent. */
  protocolErrors: number;
}

export function newStatistics(): RouterStatistics {
  return {
    connections: 0,
    subscriptions: 0,
    waitingBytes: 0,
    connectionsAccepted: 0,
    connectionsRefused: 0,
    messagesIn: 0,
    bytesIn: 0,
    messagesOut: 0,
    bytesOut: 0,
    slowConsumers: 0,
    staleConnections: 0,
    authenticationFailures: 0,
    doubledKeys: 0,
    permissionViolations: 0,
    protocolErrors: 0,
  };
}
