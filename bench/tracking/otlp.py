"""Spans as an ExportTraceServiceRequest, by hand: field numbers are those of opentelemetry-proto 1.x."""

import os


def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _bytes(field, data):
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _fixed64(field, value):
    return _varint(field << 3 | 1) + value.to_bytes(8, "little")


def _attribute(key, text):
    return _bytes(9, _bytes(1, key.encode()) + _bytes(2, _bytes(1, text.encode())))


def _span(trace, span, parent, name, kind, at_ns):
    out = (
        _bytes(1, trace) + _bytes(2, span) + (_bytes(4, parent) if parent else b"") + _bytes(5, name.encode())
    )
    out += _fixed64(7, at_ns) + _fixed64(8, at_ns + 5_000_000)
    out += _attribute("mlflow.spanType", kind)
    out += _attribute("mlflow.traceRequestId", f"tr-{trace.hex()}")
    out += _attribute("mlflow.spanInputs", '{"question": "Why is the sky blue, and since when?"}')
    out += _attribute("mlflow.spanOutputs", "Because of Rayleigh scattering, for billions of years.")
    return out + _bytes(15, _varint(3 << 3) + _varint(1))


def export(kinds_of_traces, at_ns):
    """One request with a trace for each list of span types; the first span of each is the root."""
    spans = b""
    for kinds in kinds_of_traces:
        trace, root = os.urandom(16), os.urandom(8)
        for number, kind in enumerate(kinds):
            span = os.urandom(8) if number else root
            spans += _bytes(
                2, _span(trace, span, root if number else None, f"step {number}", kind, at_ns + number)
            )
    return _bytes(1, _bytes(2, spans))
