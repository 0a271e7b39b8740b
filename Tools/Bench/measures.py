"""All measures by name, in the order of the table."""

from chat import chat_messages, chat_one_room, chat_polling, chat_replicas, fan_out, tail_delivery
from costs import cost_create, cost_message, cost_read, idle
from identity import read_beside_sign_in, sign_in
from limits import limits
from orders import orders_create, orders_read, tail_create
from sizes import data_size
from sockets import idle_polling_weight, idle_sockets_weight
from starts import starts

MEASURES = {
    # First, while nothing has been asked of the system.
    "idle": idle,
    "cost-message": cost_message,
    "cost-create": cost_create,
    "cost-read": cost_read,
    "orders-create": orders_create,
    "orders-read": orders_read,
    "chat-messages": chat_messages,
    "chat-one-room": chat_one_room,
    "chat-polling": chat_polling,
    "fan-out": fan_out,
    "idle-sockets": idle_sockets_weight,
    "idle-polling": idle_polling_weight,
    "sign-in": sign_in,
    "read-beside-sign-in": read_beside_sign_in,
    "tail-create": tail_create,
    "tail-delivery": tail_delivery,
    "chat-replicas": chat_replicas,
    "limits": limits,
    # Behind all that uses the system, because it starts that anew.
    "start": starts,
    # Last, because it brings two systems of its own.
    "data-size": data_size,
}
