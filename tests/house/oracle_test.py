"""The oracle finds what it is there to find: sound records pass, and each fault put into them is told."""

import json
import pathlib
import sys
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import oracle  # noqa: E402

JOURNALS = ("8d0cf1f2-7c5e-4b8e-9f0e-0c8f6f0a1c55", "0f9b1f52-1c5e-4b8e-9f0e-0c8f6f0a1c66")


class Message:
    def __init__(self, lane, number, sequence, offset, journal=0, identifier=None, partition=None):
        self.topic, self.partition, self.offset = "contacts.inbound.v1", lane if partition is None else partition, offset
        self.key, self.timestamp = f"key{lane}".encode(), 1_700_000_000_000 + sequence
        self.identifier = identifier or f"id-{lane}-{number}"
        stamp = f"2023-11-14T22:13:20.{sequence:03d}Z"
        self.headers = [(name, value.encode()) for name, value in (
            ("ce_id", self.identifier), ("ce_type", "contact.message.received.v1"), ("ce_sbjournal", JOURNALS[journal]),
            ("content-type", "application/json"), ("ce_specversion", "1.0"), ("ce_source", "/tenants/acme/sources/kiosk"), ("ce_sbseq", f"{sequence:020d}"), ("ce_recordedtime", stamp), ("ce_partitionkey", f"key{lane}"), ("ce_time", stamp))]
        self.value = (f'{{"event":{{"id":"{self.identifier}","type":"contact.message.received.v1","time":"{stamp}","recorded_at":"{stamp}"}},'
                      f'"text":"t:lane{lane}:{number} hello"}}').encode()


def sound():
    """Two keys, three items each, one journal."""
    messages, sequence = [], 0
    for number in range(3):
        for lane in range(2):
            sequence += 1
            messages.append(Message(lane, number, sequence, offset=number))
    return messages


ACKNOWLEDGED = [{"token": f"t:lane{lane}:{number}"} for number in range(3) for lane in range(2)]


def judge(messages, exactly_once=True, elsewhere=(), acknowledged=ACKNOWLEDGED, most=None, dead=()):
    findings = oracle.Findings()
    records = [oracle.Record(message) for message in messages]
    oracle.check_complete(records, findings, dead)
    oracle.check_copies(records, findings, exactly_once, frozenset(elsewhere), most)
    oracle.check_acknowledged(acknowledged, records, findings)
    return findings.faults


class Oracle(unittest.TestCase):
    def told(self, word, *arguments, **options):
        faults = judge(*arguments, **options)
        self.assertTrue(any(word in fault for fault in faults), faults)

    def test_sound_records_pass(self):
        self.assertEqual(judge(sound()), [])

    def test_a_lost_one(self):
        self.told("acknowledged and lost", sound(), acknowledged=[*ACKNOWLEDGED, {"token": "t:lane0:3"}])

    def test_a_hole(self):
        self.told("lacks 1 of 6", [m for m in sound() if m.identifier != "id-1-1"], acknowledged=[])

    def test_a_hole_that_is_a_dead_letter(self):
        messages = [m for m in sound() if m.identifier != "id-1-1"]
        self.assertEqual(judge(messages, acknowledged=[], dead={(JOURNALS[0], "contacts.inbound.v1", 4)}), [])

    def test_a_copy(self):
        messages = [*sound(), Message(0, 2, 5, offset=9)]
        self.told("stand twice", messages)
        self.assertEqual(judge(messages, exactly_once=False), [])
        self.told("were in flight at most", messages, exactly_once=False, most=0)

    def test_appended_twice(self):
        self.told("was appended 2 times", [*sound(), Message(0, 2, 7, offset=9)], exactly_once=False)

    def test_one_number_for_two(self):
        self.told("has two ids", [*sound(), Message(0, 2, 6, offset=9, identifier="other")], exactly_once=False)

    def test_two_ids_for_one_item(self):
        self.told("has 2 ids", [*sound(), Message(0, 2, 7, offset=9, identifier="other")], exactly_once=False)

    def test_order(self):
        messages = sound()
        messages[0].offset, messages[2].offset = 1, 0
        self.told("order of", messages)

    def test_two_partitions(self):
        messages = sound()
        messages[4].partition = 7
        self.told("two partitions", messages)

    def test_a_second_journal(self):
        messages = [*sound(), Message(0, 2, 1, offset=9, journal=1)]
        self.told("stands in two journals", messages)
        self.assertEqual(judge(messages, elsewhere={"t:lane0:2"}), [])

    def test_a_key_that_is_not_the_attribute(self):
        messages = sound()
        messages[0].key = b"other"
        findings = oracle.Findings()
        with unittest.mock.patch("oracle.schema_check.problems", lambda records: []):
            oracle.check_sound([oracle.Record(m) for m in messages], findings)
        self.assertIn("is not the attribute", findings.faults[0])

    def test_a_timestamp_of_the_provider(self):
        messages = sound()
        messages[0].timestamp -= 30 * 86400 * 1000
        findings = oracle.Findings()
        with unittest.mock.patch("oracle.schema_check.problems", lambda records: []):
            oracle.check_sound([oracle.Record(m) for m in messages], findings)
        self.assertIn("is not recordedtime", findings.faults[0])

    def test_a_record_that_is_no_cloudevent(self):
        message = sound()[0]
        message.headers = [header for header in message.headers if header[0] != "ce_source"]
        findings = oracle.Findings()
        with unittest.mock.patch("oracle.schema_check.problems", lambda records: []):
            oracle.check_sound([oracle.Record(message)], findings)
        self.assertIn("the CloudEvents library refuses it", findings.faults[0])

    def test_the_library_reads_both_modes(self):
        binary = sound()[0]
        structured = sound()[0]
        attributes = {name.removeprefix("ce_"): value.decode() for name, value in binary.headers if name.startswith("ce_")}
        structured.headers = [("content-type", oracle.STRUCTURED.encode())]
        structured.value = json.dumps({**attributes, "datacontenttype": "application/json", "data": json.loads(binary.value)}).encode()
        for message, mode in ((binary, "binary"), (structured, "structured")):
            findings = oracle.Findings()
            oracle.check_with_sdk(oracle.Record(message), findings)
            self.assertEqual((findings.faults, findings.numbers[mode]), ([], 1))

    def test_the_library_reads_another_attribute(self):
        record = oracle.Record(sound()[0])
        record.headers["ce_source"] = "/tenants/other/sources/kiosk"
        findings = oracle.Findings()
        oracle.check_with_sdk(record, findings)
        self.assertIn("reads source as", findings.faults[0])

    def test_an_invalid_body(self):
        findings = oracle.Findings()
        oracle.check_sound([oracle.Record(sound()[0])], findings)
        self.assertTrue(any(fault.startswith("schema: ") for fault in findings.faults), findings.faults)


if __name__ == "__main__":
    unittest.main()
