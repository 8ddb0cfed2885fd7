"""All topics of the house. A topic that is not here is neither declared nor documented."""

from shared.contracts import (
    consignment,
    container,
    crate,
    drive,
    pickup,
    price,
    route,
    settlement,
    volume,
)
from shared.contracts.topic import Payload, Topic

TOPICS: tuple[Topic, ...] = (
    pickup.TOPIC,
    drive.TOPIC,
    route.TOPIC,
    container.TOPIC,
    crate.TOPIC,
    consignment.TOPIC,
    price.TOPIC,
    settlement.TOPIC,
    volume.TOPIC,
)
TOPIC_BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
PAYLOAD_BY_TYPE: dict[str, type[Payload]] = {
    payload.TYPE: payload for topic in TOPICS for payload in topic.payloads
}
TOPIC_BY_TYPE: dict[str, Topic] = {
    payload.TYPE: topic for topic in TOPICS for payload in topic.payloads
}
