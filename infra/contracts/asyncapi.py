"""The AsyncAPI 3 document, `docs/asyncapi.yaml`: written for the service that connects to us.

So `send` is what the service sends and `receive` what it receives; each operation says it again in
words, since AsyncAPI leaves the side to the document.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from domain.vocabulary import EVENTS as TYPES
from infra.cloudevents import STRUCTURED
from infra.contracts.messages import BINDING, SENT, messages
from infra.streaming.broker import TOPICS
from infra.topics import EVENTS, INTAKE, REJECTED, RESULTS

Document = dict[str, Any]

ABOUT = """\
守禾与其他系统之间的契约，从**接入的服务**的角度书写：
`send` 是您的服务发送，`receive` 是您的服务接收。

The contract between Shouhe and other services, written **from the side of the service that
connects**: `send` is what your service sends to Shouhe, `receive` is what your service receives
from Shouhe.

| topic | 写入 written by | 读取 read by |
|---|---|---|
| `shouhe.intake` | 您的服务 your service | 守禾 Shouhe |
| `shouhe.intake.results` | 守禾 Shouhe | 您的服务 your service |
| `shouhe.intake.rejected` | 守禾 Shouhe | 您的服务 your service |
| `shouhe.events` | 守禾 Shouhe | 您的服务 your service |

Schemas only grow: types, optional fields and enum values are added, and what was released is never
taken back. A reader passes over fields, values and types that it does not know.

Names on the topics carry the prefix `shouhe` unless the county chose another one.
"""

SECURED = ("scramSha512", "scramSha256", "plain")


def document() -> Document:
    """The whole document, as plain values."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:shouhe",
        "info": _info(),
        "defaultContentType": STRUCTURED,
        "servers": _servers(),
        "channels": _channels(),
        "operations": _operations(),
        "components": {"messages": messages(), "securitySchemes": _schemes()},
    }


def _info() -> Document:
    return {
        "title": "守禾 Shouhe: events to and from other services",
        "version": version("shouhe"),
        "description": ABOUT,
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    }


def _servers() -> Document:
    return {
        "production": {
            "host": "{broker}:{port}",
            "protocol": "kafka-secure",
            "title": "省级平台 a province's brokers",
            "description": "SASL over TLS; the county's administrator gives user and password.",
            "variables": {
                "broker": {"default": "kafka.example.org", "description": "any of the brokers"},
                "port": {"default": "9093", "description": "the TLS listener"},
            },
            "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in SECURED],
        },
        "trial": {
            "host": "127.0.0.1:9092",
            "protocol": "kafka",
            "title": "本机试用 a trial on one machine",
            "description": "`make servers` starts it: loopback, without TLS and passwords.",
        },
    }


def _schemes() -> Document:
    return {
        "scramSha512": {"type": "scramSha512", "description": "SASL SCRAM-SHA-512 over TLS"},
        "scramSha256": {"type": "scramSha256", "description": "SASL SCRAM-SHA-256 over TLS"},
        "plain": {"type": "plain", "description": "SASL PLAIN over TLS"},
    }


# --- channels ---------------------------------------------------------------------------------


def _channels() -> Document:
    sent = [*(f"sent.{name}" for name in SENT), "sent.batch", "sent.binary"]
    return {
        "intake": _channel(
            INTAKE,
            "发往守禾的事件 events for Shouhe",
            "您的服务写入，守禾读取。CloudEvents 的 Kafka 绑定：结构化（单个或一批）或二进制。\n\n"
            "Your service writes, Shouhe reads. CloudEvents' Kafka binding: structured mode (one"
            " event or a batch) or binary mode. (`source`, `id`) is the idempotency key: sent"
            " twice, recorded once, so a service that is not sure sends again.",
            sent,
        ),
        "results": _channel(
            RESULTS,
            "处理结果 what became of each event",
            "守禾写入，您的服务读取：每个发来的事件一条，在其持久记录之后。\n\n"
            "Shouhe writes, your service reads: one message an event of the intake topic, after it"
            " is durable. Of all services' events: pass over those of another `source`.",
            ["result"],
        ),
        "rejected": _channel(
            REJECTED,
            "被拒绝的事件 the dead letters",
            "守禾写入，您的服务读取：只有被拒绝的，不含正文。\n\n"
            "Shouhe writes, your service reads: the rejected ones alone, with the reason and"
            " without the body, which holds names. Bodies are kept encrypted; mend the cause, and"
            " `shouhe rejected replay` tries them again, or send a corrected event.",
            ["result"],
        ),
        "events": _channel(
            EVENTS,
            "已记录的事件 all recorded events",
            "守禾写入，您的服务读取：每个已记录的事件恰好一次，同一儿童的保持先后；个人信息为密文。\n\n"
            "Shouhe writes, your service reads: each recorded event exactly once, in order per"
            " child."
            " **Read with `isolation.level=read_committed`**, or what was aborted is read too."
            " Personal fields are ciphertext. An event that corrects another one names it in"
            " `corrects`; `record.retracted.v1` takes one back.",
            [f"recorded.{name}" for name in TYPES],
        ),
    }


def _channel(topic: str, title: str, description: str, names: list[str]) -> Document:
    return {
        "address": topic,
        "title": title,
        "description": description,
        "servers": [{"$ref": "#/servers/production"}, {"$ref": "#/servers/trial"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic,
                "topicConfiguration": {"retention.ms": int(TOPICS[topic]["retention.ms"])},
                "bindingVersion": BINDING,
            }
        },
    }


# --- operations -------------------------------------------------------------------------------


def _operations() -> Document:
    return {
        "sendEvents": {
            **_operation(
                "send", "intake", "您的服务发送 → 守禾", "Your service sends; Shouhe receives."
            ),
            "reply": {
                "channel": {"$ref": "#/channels/results"},
                "messages": [{"$ref": "#/channels/results/messages/result"}],
            },
        },
        "receiveResults": _operation(
            "receive", "results", "您的服务接收 ← 守禾", "Shouhe sends; your service receives."
        ),
        "receiveRejected": _operation(
            "receive", "rejected", "您的服务接收 ← 守禾", "Shouhe sends; your service receives."
        ),
        "receiveEvents": _operation(
            "receive", "events", "您的服务接收 ← 守禾", "Shouhe sends; your service receives."
        ),
    }


def _operation(action: str, channel: str, title: str, summary: str) -> Document:
    """`x-service` and `x-shouhe` say whose part it is without knowing AsyncAPI's convention."""
    other = {"send": "receives", "receive": "sends"}[action]
    made: Document = {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "title": title,
        "summary": summary,
        "x-service": f"{action}s",
        "x-shouhe": other,
    }
    if action == "receive":
        made["x-isolation-level"] = "read_committed"
        made["bindings"] = {
            "kafka": {
                "groupId": {"type": "string", "description": "您的服务自定 the service's own"},
                "bindingVersion": BINDING,
            }
        }
    return made
