"""What Twilio Voice sends, signed by Twilio's own library."""

import json

import twilio_requests
from twilio_requests import mutant as mutant

HOOK = "/in/twilio-voice"
US, CUSTOMER, AGENT = "+14155550199", "+14155550100", "+14155550177"
AT = "Tue, 05 May 2026 09:59:50 +0000"


def pairs(given):
    return [(name, value) for name, value in given.items() if value is not None]


def call(status="in-progress", **more):
    """What every request about an incoming call says."""
    return pairs({"CallSid": "CA0001", "From": CUSTOMER, "To": US, "Caller": CUSTOMER, "Called": US, "CallStatus": status, "Direction": "inbound",
                  "ApiVersion": "2010-04-01", **more})


def incoming(**more):
    return call("ringing", **{"FromCity": "", "FromState": "CA", "FromCountry": "US", "ToCountry": "US", **more})


def progress(status, number="0", **more):
    """A status callback."""
    return call(status, **{"CallbackSource": "call-progress-events", "Timestamp": AT, "SequenceNumber": number, **more})


def outgoing(status, **more):
    return progress(status, **{"CallSid": "CA0002", "Direction": "outbound-api", "From": US, "To": CUSTOMER, **more})


def leg(status, **more):
    return progress(status, **{"CallSid": "CA0003", "ParentCallSid": "CA0001", "Direction": "outbound-dial", "From": CUSTOMER, "To": AGENT, **more})


def bare(**more):
    """A callback that does not say who called."""
    return pairs({"CallSid": "CA0001", **more})


URL = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE0001"


def recording(**more):
    return bare(**{"RecordingSid": "RE0001", "RecordingUrl": URL, "RecordingStatus": "completed", "RecordingDuration": "17", "RecordingChannels": "1",
                   "RecordingSource": "RecordVerb", "RecordingStartTime": AT, **more})


def transcription(**more):
    return call("completed", **{"TranscriptionSid": "TR0001", "TranscriptionText": "Please call me back.", "TranscriptionStatus": "completed",
                                "TranscriptionUrl": "https://api.twilio.com/x/TR0001", "TranscriptionType": "fast", "RecordingSid": "RE0001", "RecordingUrl": URL, **more})


def live(event="transcription-content", **more):
    given = {"TranscriptionSid": "GT0001", "TranscriptionEvent": event, "SequenceId": "2", "Timestamp": "2026-05-05T09:59:50.123456Z"}
    if event == "transcription-content":
        given |= {"Track": "inbound_track", "LanguageCode": "en-US", "Final": "true", "TranscriptionData": json.dumps({"transcript": "Where is my order?", "confidence": 0.9025})}
    return bare(**{**given, **more})


def conference(event, number, **more):
    return pairs({"ConferenceSid": "CF0001", "FriendlyName": "support", "StatusCallbackEvent": event, "SequenceNumber": number, "Timestamp": AT, **more})


EVENT = {"specversion": "1.0", "type": "com.twilio.video.room.created", "source": "/v1/Rooms/RM1", "id": "VW0001",
         "time": "2026-05-05T09:58:00.000Z", "datacontenttype": "application/json", "data": {"room": "RM1"}}
CALL_EVENT = {**EVENT, "type": "com.twilio.voice.status-callback.call.completed", "id": "VW0003", "data": {
    "request": {"method": "POST", "url": "https://a.example/x", "parameters": {"AccountSid": "AC00000000000000000000000000000001",
                                                                               **dict(progress("completed", "3", CallDuration="61", SipResponseCode="200"))}},
    "response": {"responseCode": 200, "requestDuration": 41, "responseBody": "PFJlc3BvbnNlLz4="}}}

CASES = {
    "incoming": {"parameters": incoming()},
    "incoming-attested": {"parameters": incoming(StirVerstat="TN-Validation-Passed-A", StirPassportToken="eyJ", CallToken="%7B%7D", CallerName="ANN EXAMPLE")},
    "incoming-attested-forwarded": {"parameters": incoming(StirVerstat="TN-Validation-Passed-A-Diverted", ForwardedFrom="+14155550122")},
    "incoming-attested-b": {"parameters": incoming(StirVerstat="TN-Validation-Passed-B")},
    "incoming-attestation-failed": {"parameters": incoming(StirVerstat="TN-Validation-Failed-A")},
    "incoming-attestation-null": {"parameters": incoming(StirVerstat="NULL")},
    "incoming-anonymous": {"parameters": incoming(From="anonymous", Caller="anonymous")},
    "incoming-restricted": {"parameters": incoming(From="Restricted")},
    "incoming-hidden-number": {"parameters": incoming(From="+266696687")},
    "incoming-hidden-empty": {"parameters": incoming(From="")},
    "incoming-sip": {"parameters": incoming(From="sip:Ann@Example.com:5060;transport=tls", To="sip:help@acme.sip.twilio.com", SipDomain="acme.sip.twilio.com",
                                            SipDomainSid="SD01", SipUsername="ann", SipCallId="x@y", SipSourceIp="192.0.2.7", **{"SipHeader_X-Order": "7"})},
    "incoming-sip-anonymous": {"parameters": incoming(From="sip:anonymous@anonymous.invalid")},
    "incoming-client": {"parameters": incoming(From="client:ann", Caller="client:ann", To="", Called="", ApplicationSid="AP01")},
    "incoming-whatsapp": {"parameters": incoming(From="whatsapp:" + CUSTOMER, To="whatsapp:" + US)},
    "incoming-short-number": {"parameters": incoming(From="12345")},
    "incoming-get": {"method": "GET", "parameters": incoming()},
    "incoming-fallback": {"parameters": incoming(ErrorCode="11200", ErrorUrl="https://a.example/x")},
    "incoming-unknown-parameters": {"parameters": incoming(NewThing="1", Another="x y")},
    "incoming-other-account": {"account": "AC00000000000000000000000000000002", "parameters": incoming()},
    "incoming-secondary-token": {"token": "secondary89abcdef0123456789abcdef", "parameters": incoming()},
    "incoming-shared-key": {"account": "AC00000000000000000000000000000002", "shared_key": "shared6789abcdef0123456789abcdef", "parameters": incoming()},
    "incoming-signed-with-port": {"signed_base": "https://hooks.example.com:443", "parameters": incoming()},
    "incoming-duplicate-parameters": {"parameters": incoming() + [("SipHeader_X-A", "2"), ("SipHeader_X-A", "1"), ("SipHeader_X-A", "1")]},
    "incoming-without-sid": {"parameters": incoming(CallSid=None)},
    "incoming-without-to": {"parameters": incoming(To=None, Called=None)},
    "sid-with-control": {"parameters": incoming(CallSid="CA\n01")},
    "invalid-utf8": {"parameters": incoming(CallerName="bad \udcff\udcfe bytes")},
    "redirect": {"parameters": call()},
    "outgoing-answered": {"parameters": call(CallSid="CA0002", Direction="outbound-api", From=US, To=CUSTOMER, AnsweredBy="human")},
    "outgoing-machine": {"parameters": call(CallSid="CA0002", Direction="outbound-api", From=US, To=CUSTOMER, AnsweredBy="machine_start")},
    "status-initiated": {"parameters": outgoing("initiated")},
    "status-ringing": {"parameters": outgoing("ringing", SequenceNumber="1")},
    "status-answered": {"parameters": outgoing("in-progress", SequenceNumber="2")},
    "status-completed": {"parameters": progress("completed", "3", CallDuration="61", Duration="2", SipResponseCode="200")},
    "status-completed-recorded": {"parameters": outgoing("completed", CallDuration="61", RecordingSid="RE0001", RecordingUrl=URL, RecordingDuration="60", AnsweredBy="machine_end_beep")},
    "status-busy": {"parameters": outgoing("busy", CallDuration="0", SipResponseCode="486")},
    "status-no-answer": {"parameters": outgoing("no-answer", CallDuration="0", SipResponseCode="487")},
    "status-failed": {"parameters": outgoing("failed", SipResponseCode="404")},
    "status-canceled": {"parameters": outgoing("canceled")},
    "status-hidden-completed": {"parameters": progress("completed", From="anonymous", CallDuration="5")},
    "status-unknown": {"parameters": progress("teleported")},
    "status-huge-numbers": {"parameters": progress("completed", "9" * 30, CallDuration="99999999999999999999")},
    "status-wrong-types": {"parameters": progress("completed", "three", CallDuration="-1", Timestamp="yesterday")},
    "status-without-callback-source": {"parameters": call("completed", CallDuration="61", Duration="2")},
    "leg-initiated": {"parameters": leg("initiated")},
    "leg-ringing": {"parameters": leg("ringing", SequenceNumber="1")},
    "leg-answered": {"parameters": leg("in-progress", SequenceNumber="2")},
    "leg-completed": {"parameters": leg("completed", SequenceNumber="3", CallDuration="42")},
    "leg-no-answer": {"parameters": leg("no-answer", CallDuration="0", SipResponseCode="480", To="client:bob")},
    "gather-digits": {"parameters": call(Digits="2", FinishedOnKey="#")},
    "gather-card": {"parameters": call(Digits="4111111111111111")},
    "gather-long": {"parameters": call(Digits="12345678*90#")},
    "gather-prompt": {"target": HOOK + "?prompt=menu", "parameters": call(Digits="1")},
    "gather-get-prompt": {"method": "GET", "target": HOOK + "?prompt=menu", "parameters": call(Digits="1")},
    "gather-speech": {"parameters": call(SpeechResult="Wo ist mein Paket?", Confidence="0.9154", Language="de-DE")},
    "gather-speech-nonsense": {"parameters": call(SpeechResult="hm", Confidence="1e999", Language="de_DE!")},
    "gather-speech-card": {"parameters": call(SpeechResult="it is 4111 1111 1111 1111", Confidence="0.5")},
    "gather-both": {"parameters": call(SpeechResult="two", Confidence="0.5", Digits="2")},
    "gather-empty": {"target": HOOK + "?prompt=menu", "parameters": call(Digits="")},
    "gather-hidden": {"parameters": call(From="anonymous", Digits="2")},
    "gather-outgoing": {"parameters": call(CallSid="CA0002", Direction="outbound-api", From=US, To=CUSTOMER, Digits="1")},
    "gather-leg": {"parameters": call(CallSid="CA0003", ParentCallSid="CA0001", Direction="outbound-dial", To=AGENT, Digits="1")},
    "gather-partial": {"parameters": call(StableSpeechResult="I want to", UnstableSpeechResult="talk about", Confidence="0.83", Language="en-US", Stability="0.9", SequenceNumber="4")},
    "gather-partial-unstable": {"parameters": call(UnstableSpeechResult="I want", SequenceNumber="0")},
    "record-action": {"parameters": call("completed", RecordingUrl=URL, RecordingSid="RE0001", RecordingDuration="17", Digits="hangup")},
    "record-action-key": {"parameters": call(RecordingUrl=URL, RecordingSid="RE0001", RecordingDuration="17", Digits="#")},
    "record-action-hidden": {"parameters": call(From="anonymous", RecordingUrl=URL, RecordingSid="RE0001", RecordingDuration="17", Digits="hangup")},
    "record-action-without-sid": {"parameters": call(RecordingUrl=URL + ".wav?x=1", RecordingDuration="17")},
    "recording-voicemail": {"parameters": recording()},
    "recording-voicemail-caller-in-url": {"target": HOOK + "?From=%2B14155550100&To=%2B14155550199", "parameters": recording()},
    "recording-dial": {"parameters": recording(RecordingSource="DialVerb", RecordingChannels="2", RecordingTrack="both")},
    "recording-conference": {"parameters": recording(CallSid=None, ConferenceSid="CF0001", RecordingSource="Conference")},
    "recording-in-progress": {"parameters": recording(RecordingStatus="in-progress", RecordingDuration=None)},
    "recording-absent": {"parameters": recording(RecordingStatus="absent", RecordingUrl=None, RecordingDuration="0", ErrorCode="0")},
    "recording-unknown": {"parameters": recording(RecordingStatus="paused")},
    "recording-huge-numbers": {"parameters": recording(RecordingDuration="1" * 40, RecordingStartTime="Tue, 99 May 2026 10:00:00 +0000")},
    "recording-without-call": {"parameters": recording(CallSid=None)},
    "transcription": {"parameters": transcription()},
    "transcription-card": {"parameters": transcription(TranscriptionText="My card is 4111 1111 1111 1111.")},
    "transcription-failed": {"parameters": transcription(TranscriptionStatus="failed", TranscriptionText="")},
    "transcription-unknown": {"parameters": transcription(TranscriptionStatus="in-progress")},
    "transcription-without-sid": {"parameters": transcription(TranscriptionSid="")},
    "transcription-without-call": {"parameters": transcription(CallSid=None)},
    "live-started": {"parameters": live("transcription-started", LanguageCode="en-US", Track="both_tracks", ProviderConfiguration="{}")},
    "live-customer": {"parameters": live()},
    "live-company": {"parameters": live(Track="outbound_track")},
    "live-partial": {"parameters": [(n, "false" if n == "Final" else v) for n, v in live()]},
    "live-stopped": {"parameters": live("transcription-stopped")},
    "live-error": {"parameters": live("transcription-error", TranscriptionError="engine unavailable")},
    "live-unknown": {"parameters": live("transcription-paused")},
    "live-truncated": {"parameters": [(n, v[:20] if n == "TranscriptionData" else v) for n, v in live()]},
    "live-wrong-type": {"parameters": [(n, '{"transcript": 7}' if n == "TranscriptionData" else v) for n, v in live()]},
    "live-without-data": {"parameters": [pair for pair in live() if pair[0] != "TranscriptionData"]},
    "live-without-words": {"parameters": [(n, '{"confidence": 0.5}' if n == "TranscriptionData" else v) for n, v in live()]},
    "live-too-deep": {"parameters": [(n, '{"transcript":' + "[" * 40 + "]" * 40 + "}" if n == "TranscriptionData" else v) for n, v in live()]},
    "live-nonsense-confidence": {"parameters": [(n, '{"transcript": "ja", "confidence": 7}' if n == "TranscriptionData" else v) for n, v in live()]},
    "live-without-sid": {"parameters": [(n, "" if n == "TranscriptionSid" else v) for n, v in live()]},
    "dial-completed": {"parameters": call(DialCallSid="CA0003", DialCallStatus="completed", DialCallDuration="42", DialBridged="true")},
    "dial-busy": {"parameters": call(DialCallSid="CA0003", DialCallStatus="busy", DialCallDuration="0", DialSipCallId="x", DialSipResponseCode="486",
                                     **{"DialSipHeader_X-A": "1"})},
    "dial-conference": {"parameters": call(DialCallStatus="answered")},
    "dial-recorded": {"parameters": call("completed", DialCallSid="CA0003", DialCallStatus="completed", DialCallDuration="42", RecordingUrl=URL)},
    "dial-unknown": {"parameters": call(DialCallSid="CA0003", DialCallStatus="teleported")},
    "enqueue-bridged": {"parameters": call(QueueResult="bridged", QueueSid="QU0001", QueueTime="37")},
    "enqueue-hangup": {"parameters": call("completed", QueueResult="hangup", QueueSid="QU0001", QueueTime="300")},
    "enqueue-full": {"parameters": call(QueueResult="queue-full")},
    "dequeue": {"parameters": call(QueueSid="QU0001", QueueTime="37", DequeingCallSid="CA0009")},
    "wait": {"parameters": call(QueueSid="QU0001", QueuePosition="2", QueueTime="10", AvgQueueTime="30", CurrentQueueSize="4", MaxQueueSize="100")},
    "machine-detected": {"parameters": bare(AnsweredBy="machine_end_beep", MachineDetectionDuration="3200")},
    "machine-human": {"parameters": bare(AnsweredBy="human", MachineDetectionDuration="1900")},
    "refer": {"parameters": call(ReferCallStatus="completed", ReferSipResponseCode="202", NotifySipResponseCode="486")},
    "conference-start": {"parameters": conference("conference-start", "1")},
    "conference-join": {"parameters": conference("participant-join", "2", CallSid="CA0001", Muted="false", Hold="false", Coaching="false", EndConferenceOnExit="false",
                                                 StartConferenceOnEnter="true", ParticipantLabel="customer")},
    "conference-hold": {"parameters": conference("participant-hold", "3", CallSid="CA0001", Muted="false", Hold="true")},
    "conference-leave": {"parameters": conference("participant-leave", "4", CallSid="CA0001", ParticipantCallStatus="completed", ReasonParticipantLeft="participant_hung_up")},
    "conference-end": {"parameters": conference("conference-end", "5", CallSidEndingConference="CA0001", ReasonConferenceEnded="last-participant-left", Reason="…")},
    "conference-unknown": {"parameters": conference("participant-levitate", "6", CallSid="CA0001")},
    "conference-without-number": {"parameters": conference("conference-start", None)},
    "stream-started": {"parameters": bare(StreamSid="MZ0001", StreamName="a", StreamEvent="stream-started", Timestamp="2026-05-05T09:59:50.000Z")},
    "stream-error": {"parameters": bare(StreamSid="MZ0001", StreamEvent="stream-error", StreamError="connection refused")},
    "stream-unknown": {"parameters": bare(StreamSid="MZ0001", StreamEvent="stream-paused")},
    "stream-without-sid": {"parameters": bare(StreamSid="", StreamEvent="stream-started")},
    "pay-result": {"parameters": call(Result="success", PaymentToken="tok_1", PaymentCardNumber="xxxxxxxxxxxx1111")},
    "message": {"parameters": [("MessageSid", "SM01"), ("From", CUSTOMER), ("To", US), ("Body", "hi")]},
    "conversation-hook": {"parameters": [("EventType", "onMessageAdded"), ("ConversationSid", "CH01"), ("MessageSid", "IM02"), ("Body", "hi")]},
    "video-room": {"parameters": [("RoomSid", "RM01"), ("StatusCallbackEvent", "room-created"), ("Timestamp", "2026-05-05T09:59:50.000Z")]},
    "nothing-known": {"parameters": [("Foo", "bar")]},
    "event-stream": {"json": EVENT},
    "event-stream-batch": {"json": [EVENT, {**EVENT, "id": "VW0002", "time": "no time"}, 7]},
    "event-stream-call": {"json": CALL_EVENT},
    "event-stream-call-batch": {"json": [{**CALL_EVENT, "type": "com.twilio.voice.webhook.status-callback.call.answered", "data": {"request": {"parameters": dict(
        leg("in-progress", SequenceNumber="2", AccountSid="AC00000000000000000000000000000001"))}}}, EVENT, {**CALL_EVENT, "id": "VW0004", "data": {"request": {"parameters": []}}},
        {**CALL_EVENT, "data": {"request": {"parameters": {"CallStatus": "busy", "CallDuration": 0}}}}]},
    "event-stream-test": {"json": {**EVENT, "type": "com.twilio.eventstreams.test-event", "id": "AC1", "data": {"test_id": "test-5"}}},
    "json-truncated": {"json": '{"specversion":"1.0","ty'},
    "json-too-deep": {"json": "[" * 80 + "]" * 80},
    "json-too-many": {"json": [1] * 1001},
    "too-many-parameters": {"parameters": [(f"p{n}", "") for n in range(2100)]},
    "too-many-parameters-in-url": {"target": HOOK + "?" + "&".join(["a"] * 2100), "parameters": incoming()},
    "tampered-body": {"parameters": call(Digits="1"), "tamper": {"body": lambda b: b.replace(b"Digits=1", b"Digits=2")}},
    "tampered-added-parameter": {"parameters": incoming(), "tamper": {"body": lambda b: b + b"&StirVerstat=TN-Validation-Passed-A"}},
    "tampered-url": {"parameters": call(Digits="1"), "tamper": {"target": HOOK + "?prompt=pin"}},
    "tampered-json": {"json": EVENT, "tamper": {"body": lambda b: b.replace(b'"RM1"', b'"RM2"')}},
    "json-without-hash": {"parameters": [], "method": "GET", "tamper": {"method": "POST", "body": lambda b: b"{}", "headers": {"Content-Type": "application/json"}}},
    "truncated-on-the-way": {"parameters": incoming(), "tamper": {"body": lambda b: b[:60]}},
    "no-signature": {"parameters": incoming(), "tamper": {"headers": {"X-Twilio-Signature": None}}},
    "malformed-signature": {"parameters": incoming(), "tamper": {"headers": {"X-Twilio-Signature": "abc"}}},
    "no-idempotency-token": {"parameters": call(Digits="1"), "tamper": {"headers": {"I-Twilio-Idempotency-Token": None}}},
    "unknown-account": {"account": "AC00000000000000000000000000000009", "token": "x", "parameters": incoming()},
    "wrong-token": {"token": "guess", "parameters": incoming()},
}


def sign(case, source):
    return twilio_requests.sign(case, source, HOOK)
