"""The contract with other services, generated from the event classes; nothing is declared twice.

schemas.py      JSON Schemas (2020-12): an event's data as it is sent and as it is read, envelopes
messages.py     AsyncAPI's messages: one for each event type and way of travelling, with an example
asyncapi.py     the AsyncAPI 3 document: topics, who sends and who receives, servers, security
narrowing.py    whether one schema takes all that another one takes
compatible.py   what a change breaks: old events, old senders, readers
released.py     the contract that was released, and the release of what is new
"""
