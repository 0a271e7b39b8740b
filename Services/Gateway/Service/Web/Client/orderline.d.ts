/** A version 4 UUID (RFC 9562), also on pages that were not loaded over HTTPS, which have no `crypto.randomUUID`. */
export function uuid(): string;
/** @typedef {{ id: string, name: string }} Person */
/** @typedef {{ id: string, name: string, role: "Admin" | "Regular" }} Participant */
/** @typedef {{ id: string, name: string, email: string | null, role: "Admin" | "Regular", disabled: boolean, createdAt: string }} User */
/** @typedef {"Review" | "Processing" | "Completed"} OrderStatus */
/** @typedef {{ description: string, specifications: string | object, quantity: number, metadata?: object | null }} OrderFields */
/** @typedef {OrderFields & { id: string, number: number, metadata: object | null, status: OrderStatus, nextStatuses?: OrderStatus[], version: number, owner: Person, createdAt: string, updatedAt: string }} Order */
/** @typedef {{ id: string, orderId: string, seq: number, kind: "text" | "summary", sender: Participant, content: string, clientMessageId: string | null, createdAt: string }} Message */
/** @typedef {{ orderId: string, owner: Person, isOpen: boolean, summary: string | null, closedAt: string | null, closedBy: Participant | null, lastSeq: number, unread: number, lastMessage: Message | null, createdAt: string }} RoomFacts */
/** @typedef {{ user: User, accessToken: string, tokenType: "Bearer", expiresIn: number, refreshToken?: string }} Session */
/** @typedef {"connecting" | "live" | "behind" | "offline" | "ended"} RoomState */
/** @typedef {{ type: "message", message: Message } | { type: "state", state: RoomState, error?: Problem } | { type: "closed" | "read" | "typing" | "presence" | "status", data: any }} RoomEvent */
/** @typedef {{ get(): Promise<string | null> | string | null, set(token: string | null): Promise<void> | void }} TokenStore */
/** @typedef {{ origin?: string, tokens?: TokenStore, WebSocket?: any, fetch?: typeof fetch }} ClientOptions */
/** @typedef {{ body?: unknown, query?: Record<string, unknown>, headers?: Record<string, string>, signal?: AbortSignal, isRepeatable?: boolean, isAnonymous?: boolean, isDocument?: boolean }} CallOptions `isDocument`: the answer is a `Blob` and may take its time */
/** The version of the interface that this client speaks. */
export const version: "1.0.0";
/** Why something was refused (RFC 9457). Decide by `code`; `offline` means that nobody was reached. */
export class Problem extends Error {
    /** @param {{ code: string, status?: number, detail?: string, title?: string, requestId?: string, errors?: { field: string, code: string, message: string }[], retryAfter?: number, [name: string]: unknown }} problem */
    constructor(problem: {
        [name: string]: unknown;
        code: string;
        status?: number | undefined;
        detail?: string | undefined;
        title?: string | undefined;
        requestId?: string | undefined;
        errors?: {
            field: string;
            code: string;
            message: string;
        }[] | undefined;
        retryAfter?: number | undefined;
    });
    code: string;
    status: number;
    requestId: string | undefined;
    errors: {
        field: string;
        code: string;
        message: string;
    }[];
    /** Seconds to wait. */
    retryAfter: number | undefined;
    /** The whole of it. */
    problem: {
        [name: string]: unknown;
        code: string;
        status?: number | undefined;
        detail?: string | undefined;
        title?: string | undefined;
        requestId?: string | undefined;
        errors?: {
            field: string;
            code: string;
            message: string;
        }[] | undefined;
        retryAfter?: number | undefined;
    };
    /** Whether it passes by itself. */
    get isPassing(): boolean;
}
/** Somebody who uses Orderline: a session, its orders and its rooms. Dispatches `orderCreated`, `orderUpdated`, `orderStatusChanged` and `sessionEnded` (here also with the reason `replaced`: somebody else has signed in with the same cookies), each a `CustomEvent` with the data as `detail`, and `connection` when `isConnected` changes. */
export class Client extends EventTarget {
    /** @param {ClientOptions} options `tokens` keeps the refresh token where there are no cookies, in Node and on other sites; for as long as the client is there unless you give something better */
    constructor({ origin, tokens, WebSocket: Socket, fetch: ask }?: ClientOptions);
    origin: string;
    /** @type {User | null} */
    user: User | null;
    /**
     * @internal
     * @type {TokenStore | undefined}
     */
    _tokens: TokenStore | undefined;
    /** @internal */
    _fetch: typeof fetch;
    /**
     * @internal
     * @type {{ token: string, early: number } | null} `early`: when it is to be renewed, some time before it expires
     */
    _access: {
        token: string;
        early: number;
    } | null;
    /**
     * @internal
     * @type {Promise<void> | null}
     */
    _renewing: Promise<void> | null;
    /** @internal Changes with each session, so that what was asked for one is not taken for another. */
    _sessions: number;
    /** @internal */
    _line: Line;
    /** @internal What another tab was given is good here as well. */
    _tabs: BroadcastChannel | null;
    /**
     * Makes an account and signs in.
     * @param {{ name: string, email: string, password: string }} fields
     */
    register(fields: {
        name: string;
        email: string;
        password: string;
    }): Promise<User>;
    /** @param {{ email: string, password: string, code?: string }} fields */
    logIn(fields: {
        email: string;
        password: string;
        code?: string;
    }): Promise<User>;
    /**
     * Goes on with the session of the cookie, or of the kept token.
     * @returns {Promise<User | null>} `null` when there is none.
     */
    resume(): Promise<User | null>;
    /**
     * Ends the session, here at once, and its sockets everywhere. When nobody is reached it goes on there until it expires.
     * @param {{ signal?: AbortSignal }} options
     */
    logOut({ signal }?: {
        signal?: AbortSignal;
    }): Promise<any>;
    /** Closes the connection and ends every room's stream; the session stays. */
    close(): void;
    /**
     * @internal
     * @param {string} path
     * @param {object} fields
     */
    _begin(path: string, fields: object): Promise<User>;
    /**
     * @internal
     * @param {Session} session
     * @param {boolean} [isOurs]
     */
    _adopt(session: Session, isOurs?: boolean | undefined): Promise<void>;
    /**
     * @internal
     * @param {string} reason
     */
    _end(reason: string): Promise<void>;
    /**
     * @internal A token that is good for some time; renewed by one of all tabs at a time.
     * @returns {Promise<string>}
     */
    _token(): Promise<string>;
    /** @internal */
    _renew(): Promise<void>;
    /**
     * @internal
     * @param {() => Promise<void>} work
     * @returns {Promise<void>}
     */
    _alone(work: () => Promise<void>): Promise<void>;
    /**
     * Any call of the interface. Waits and asks again when that is safe and what came passes by itself.
     * @param {string} method
     * @param {string} path behind `/api/v1`
     * @param {CallOptions} [options]
     * @returns {Promise<any>}
     */
    call(method: string, path: string, options?: CallOptions | undefined): Promise<any>;
    /**
     * @internal
     * @param {string} method
     * @param {string} path
     * @param {CallOptions} options
     */
    _once(method: string, path: string, { body, query, headers, signal, isAnonymous, isDocument }: CallOptions): Promise<any>;
    /**
     * Every item of a list, page by page.
     * @param {string} path
     * @param {Record<string, unknown>} [filters]
     * @param {AbortSignal} [signal]
     * @returns {AsyncGenerator<any, void, undefined>}
     */
    list(path: string, filters?: Record<string, unknown> | undefined, signal?: AbortSignal | undefined): AsyncGenerator<any, void, undefined>;
    /**
     * @param {{ status?: OrderStatus, q?: string, from?: string, to?: string, ownerId?: string }} [filters]
     * @param {AbortSignal} [signal]
     * @returns {AsyncGenerator<Order, void, undefined>}
     */
    orders(filters?: {
        status?: OrderStatus | undefined;
        q?: string | undefined;
        from?: string | undefined;
        to?: string | undefined;
        ownerId?: string | undefined;
    } | undefined, signal?: AbortSignal | undefined): AsyncGenerator<Order, void, undefined>;
    /**
     * @param {string} id
     * @returns {Promise<Order>}
     */
    order(id: string): Promise<Order>;
    /**
     * Places an order, once, however often it has to be asked.
     * @param {OrderFields} fields
     * @param {{ key?: string, signal?: AbortSignal }} options
     * @returns {Promise<Order>}
     */
    placeOrder(fields: OrderFields, { key, signal }?: {
        key?: string;
        signal?: AbortSignal;
    }): Promise<Order>;
    /**
     * Changes the order as it was read: another's change in between is refused with `version-mismatch`.
     * @param {Order} order
     * @param {Partial<OrderFields>} changes
     * @returns {Promise<Order>}
     */
    updateOrder(order: Order, changes: Partial<OrderFields>): Promise<Order>;
    /**
     * For Admins.
     * @param {string} id
     * @returns {Promise<Order>}
     */
    completeOrder(id: string): Promise<Order>;
    /**
     * @param {string} id
     * @param {AbortSignal} [signal]
     */
    orderHistory(id: string, signal?: AbortSignal | undefined): AsyncGenerator<any, void, undefined>;
    /**
     * For Admins.
     * @returns {Promise<{ Review: number, Processing: number, Completed: number, total: number }>}
     */
    orderStats(): Promise<{
        Review: number;
        Processing: number;
        Completed: number;
        total: number;
    }>;
    /**
     * @param {{ open?: boolean, unread?: boolean, q?: string }} [filters]
     * @param {AbortSignal} [signal]
     * @returns {AsyncGenerator<RoomFacts, void, undefined>}
     */
    rooms(filters?: {
        open?: boolean | undefined;
        unread?: boolean | undefined;
        q?: string | undefined;
    } | undefined, signal?: AbortSignal | undefined): AsyncGenerator<RoomFacts, void, undefined>;
    /**
     * The room of an order. It is joined when somebody reads or listens, or when something is to be sent; once left, or ended, ask for another.
     * @param {string} orderId
     * @param {{ after?: number, limit?: number, signal?: AbortSignal }} [options] `after`: the last `seq` that you have
     */
    room(orderId: string, options?: {
        after?: number | undefined;
        limit?: number | undefined;
        signal?: AbortSignal | undefined;
    } | undefined): Room;
    /** Connects, so that `orderStatusChanged` and its like come without any room. */
    connect(): void;
    /** Whether there is a connection that has signed in. What happened outside of rooms while there was none is not told later. */
    get isConnected(): boolean;
}
/** The conversation of one order: an async iterable of `RoomEvent`s, and an `EventTarget` of the same, each a `CustomEvent` of the event's type with the event as `detail`. */
export class Room extends EventTarget {
    /**
     * @internal
     * @param {Client} client
     * @param {string} orderId
     * @param {{ after?: number, limit?: number, signal?: AbortSignal }} options
     */
    constructor(client: Client, orderId: string, { after, limit, signal }: {
        after?: number;
        limit?: number;
        signal?: AbortSignal;
    });
    orderId: string;
    /** @type {RoomState} */
    state: RoomState;
    /** @type {RoomFacts | null} */
    facts: RoomFacts | null;
    /**
     * The last message that came; what is before it does not come again.
     * @type {number | undefined}
     */
    lastSeq: number | undefined;
    /** @internal */
    _client: Client;
    /** @internal */
    _limit: number | undefined;
    /**
     * @internal What is to be sent, in this order, one at a time: a later one must not overtake one that is refused for now.
     * @type {{ content: string, clientMessageId: string, resolve(message: Message): void, reject(error: unknown): void }[]}
     */
    _outbox: {
        content: string;
        clientMessageId: string;
        resolve(message: Message): void;
        reject(error: unknown): void;
    }[];
    /** @internal */
    _isSending: boolean;
    /**
     * @internal
     * @type {Set<Reader>}
     */
    _readers: Set<Reader>;
    /** @internal Up to where messages follow that were missed. */
    _target: number;
    /**
     * @internal That the room is closed, until it is told: behind the summary, and once.
     * @type {{ seq: number } | null}
     */
    _closing: {
        seq: number;
    } | null;
    /** @internal */
    _isClosingTold: boolean;
    /** Joins, if nothing has yet. */
    join(): Room;
    /**
     * Sends a message, once, behind those before it, now or when there is a connection again.
     * @param {string} content
     * @param {{ clientMessageId?: string, signal?: AbortSignal }} options
     * @returns {Promise<Message>} the message as it is stored
     */
    send(content: string, { clientMessageId, signal }?: {
        clientMessageId?: string;
        signal?: AbortSignal;
    }): Promise<Message>;
    /**
     * Says that one has read up to here.
     * @param {number} [seq]
     */
    markRead(seq?: number | undefined): Promise<any>;
    /**
     * How far each user has read, the farthest first; the room's `read` events go on from there.
     * @returns {Promise<{ items: { orderId: string, userId: string, seq: number }[] }>}
     */
    reads(): Promise<{
        items: {
            orderId: string;
            userId: string;
            seq: number;
        }[];
    }>;
    /**
     * Tells others that one is typing, if there is a connection.
     * @param {boolean} isTyping
     */
    typing(isTyping: boolean): void;
    /**
     * Closes the room for good; for Admins.
     * @param {string} summary
     * @param {{ key?: string }} options
     * @returns {Promise<RoomFacts>}
     */
    close(summary: string, { key }?: {
        key?: string;
    }): Promise<RoomFacts>;
    /**
     * The newest messages, those below `before`, or the first ones above `after`; ascending.
     * @param {{ after?: number, before?: number, limit?: number }} [window]
     * @returns {Promise<{ items: Message[], hasMore: boolean }>}
     */
    messages(window?: {
        after?: number | undefined;
        before?: number | undefined;
        limit?: number | undefined;
    } | undefined): Promise<{
        items: Message[];
        hasMore: boolean;
    }>;
    /**
     * The whole conversation as a file.
     * @param {"text/plain" | "application/json" | "text/csv"} [type]
     * @returns {Promise<Blob>}
     */
    transcript(type?: "application/json" | "text/plain" | "text/csv" | undefined): Promise<Blob>;
    /**
     * Leaves the room, and ends its streams; what waits to be sent is refused.
     * @param {Problem} [error]
     */
    leave(error?: Problem | undefined): void;
    /**
     * @internal
     * @param {RoomEvent} event
     */
    _tell(event: RoomEvent): void;
    /**
     * @internal
     * @param {RoomState} state
     * @param {Problem} [error]
     */
    _move(state: RoomState, error?: Problem | undefined): void;
    /** @internal */
    _joinNow(): Promise<void>;
    /**
     * @internal
     * @param {Message} message
     */
    _take(message: Message): undefined;
    /**
     * @internal
     * @param {any} data
     */
    _close(data: any): void;
    /**
     * @internal A join that was refused for now; when the connection was lost, the next one joins.
     * @param {Problem} error
     */
    _joinLater(error: Problem): Promise<void>;
    /** @internal */
    _flush(): Promise<void>;
    /**
     * What happens from now on; the first one that asks also joins the room, so ask before you send.
     * @returns {AsyncIterator<RoomEvent, void, void>}
     */
    [Symbol.asyncIterator](): AsyncIterator<RoomEvent, void, void>;
}
export type Person = {
    id: string;
    name: string;
};
export type Participant = {
    id: string;
    name: string;
    role: "Admin" | "Regular";
};
export type User = {
    id: string;
    name: string;
    email: string | null;
    role: "Admin" | "Regular";
    disabled: boolean;
    createdAt: string;
};
export type OrderStatus = "Review" | "Processing" | "Completed";
export type OrderFields = {
    description: string;
    specifications: string | object;
    quantity: number;
    metadata?: object | null;
};
export type Order = OrderFields & {
    id: string;
    number: number;
    metadata: object | null;
    status: OrderStatus;
    nextStatuses?: OrderStatus[];
    version: number;
    owner: Person;
    createdAt: string;
    updatedAt: string;
};
export type Message = {
    id: string;
    orderId: string;
    seq: number;
    kind: "text" | "summary";
    sender: Participant;
    content: string;
    clientMessageId: string | null;
    createdAt: string;
};
export type RoomFacts = {
    orderId: string;
    owner: Person;
    isOpen: boolean;
    summary: string | null;
    closedAt: string | null;
    closedBy: Participant | null;
    lastSeq: number;
    unread: number;
    lastMessage: Message | null;
    createdAt: string;
};
export type Session = {
    user: User;
    accessToken: string;
    tokenType: "Bearer";
    expiresIn: number;
    refreshToken?: string;
};
export type RoomState = "connecting" | "live" | "behind" | "offline" | "ended";
export type RoomEvent = {
    type: "message";
    message: Message;
} | {
    type: "state";
    state: RoomState;
    error?: Problem;
} | {
    type: "closed" | "read" | "typing" | "presence" | "status";
    data: any;
};
export type TokenStore = {
    get(): Promise<string | null> | string | null;
    set(token: string | null): Promise<void> | void;
};
export type ClientOptions = {
    origin?: string;
    tokens?: TokenStore;
    WebSocket?: any;
    fetch?: typeof fetch;
};
/**
 * `isDocument`: the answer is a `Blob` and may take its time
 */
export type CallOptions = {
    body?: unknown;
    query?: Record<string, unknown>;
    headers?: Record<string, string>;
    signal?: AbortSignal;
    isRepeatable?: boolean;
    isAnonymous?: boolean;
    isDocument?: boolean;
};
/** The one socket of a client: opened while it is wanted, opened again when it is lost. */
declare class Line {
    /**
     * @param {Client} client
     * @param {any} Socket
     */
    constructor(client: Client, Socket: any);
    client: Client;
    Socket: any;
    /** @type {Map<string, Set<Room>>} */
    rooms: Map<string, Set<Room>>;
    /** @type {any} */
    socket: any;
    /** Whether it has signed in; changed by `turn` alone. */
    isReady: boolean;
    isWanted: boolean;
    failures: number;
    number: number;
    /** @type {Map<number, { event: string, resolve(data: any): void, reject(error: unknown): void, timer: any }>} */
    asked: Map<number, {
        event: string;
        resolve(data: any): void;
        reject(error: unknown): void;
        timer: any;
    }>;
    /** @type {any} */
    retry: any;
    /** @type {any} */
    watch: any;
    /** @type {any} */
    soon: any;
    wake: () => void;
    lost: () => void;
    shown: () => void;
    /** @param {Room} room */
    add(room: Room): void;
    /** @param {Room} room */
    remove(room: Room): void;
    start(): void;
    /** @param {Problem} [error] */
    stop(error?: Problem | undefined): void;
    open(): Promise<void>;
    /** @param {boolean} isReady */
    turn(isReady: boolean): void;
    /**
     * What has been asked of the socket that is gone is not answered any more.
     * @param {Problem} error
     */
    forget(error: Problem): void;
    /**
     * The socket is gone, or to go: another one is opened by and by.
     * @param {any} socket
     * @param {Problem} [error]
     * @param {number} [code]
     */
    drop(socket: any, error?: Problem | undefined, code?: number | undefined): void;
    /**
     * A token that was refused is not tried again: either there is another, or the session is over.
     * @param {unknown} error
     */
    doubt(error: unknown): void;
    /**
     * Something says that this connection will not do.
     * @param {Problem} error
     */
    again(error: Problem): void;
    /** Another token: the socket is to live as long as it. */
    renewed(): void;
    /**
     * Has the token renewed in time; whoever renews it tells the socket.
     * @param {number} [least] milliseconds
     */
    schedule(least?: number | undefined): void;
    /**
     * @param {string} event
     * @param {object} data
     * @returns {Promise<any>}
     */
    ask(event: string, data: object): Promise<any>;
    /** Something has come: the connection lives. */
    heard(): void;
    /** Asks for an answer that costs nothing: that of leaving a room in which nobody is. */
    probe(): void;
    /** @param {{ ack?: number, event?: string, data?: any, error?: any }} frame */
    received({ ack, event, data, error }: {
        ack?: number;
        event?: string;
        data?: any;
        error?: any;
    }): void;
}
/** One `for await` over a room: what it has not read yet. */
declare class Reader {
    /** @param {() => void} left */
    constructor(left: () => void);
    left: () => void;
    /** @type {RoomEvent[]} */
    waiting: RoomEvent[];
    /** @type {{ resolve(result: IteratorResult<RoomEvent, void>): void, reject(error: unknown): void }[]} */
    asking: {
        resolve(result: IteratorResult<RoomEvent, void>): void;
        reject(error: unknown): void;
    }[];
    isOver: boolean;
    /** @type {Problem | undefined} */
    error: Problem | undefined;
    /** @param {RoomEvent} event */
    put(event: RoomEvent): void;
    /** @param {Problem} [error] */
    end(error?: Problem | undefined): void;
    /**
     * @internal
     * @param {{ resolve(result: IteratorResult<RoomEvent, void>): void, reject(error: unknown): void }} asking
     */
    finish(asking: {
        resolve(result: IteratorResult<RoomEvent, void>): void;
        reject(error: unknown): void;
    }): void;
    /** @returns {Promise<IteratorResult<RoomEvent, void>>} */
    next(): Promise<IteratorResult<RoomEvent, void>>;
    /** @returns {Promise<IteratorResult<RoomEvent, void>>} */
    return(): Promise<IteratorResult<RoomEvent, void>>;
}
export {};
