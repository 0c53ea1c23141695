"""What Twilio sends, signed by Twilio's own library."""

import json

import twilio_requests
from twilio_requests import mutant as mutant

US, CUSTOMER = "+14155550199", "+14155550100"


def sms(body, sid="SM0001", **more):
    given = {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "From": CUSTOMER, "To": US, "Body": body, "NumMedia": "0", "NumSegments": "1",
             "SmsStatus": "received", "FromCountry": "US", "FromCity": "", "ApiVersion": "2010-04-01", **more}
    return [(name, value) for name, value in given.items() if value is not None]


def whatsapp(body, sid="SM0002", **more):
    return sms(body, sid, **{"From": "whatsapp:" + CUSTOMER, "To": "whatsapp:" + US, "ProfileName": "Ann", "WaId": CUSTOMER[1:], "MessageType": "text",
                             "ReferralNumMedia": "0", **more})


def status(name, sid="SM0003", **more):
    given = {"MessageSid": sid, "SmsSid": sid, "MessageStatus": name, "SmsStatus": name, "From": US, "To": CUSTOMER, "ApiVersion": "2010-04-01", **more}
    return [(key, value) for key, value in given.items() if value is not None]


FLOW = json.dumps({"flow_token": "t1", "rating": 4, "comment": "gut", "tags": ["a", "b"], "none": None, "": 1})
EVENT = {"specversion": "1.0", "type": "com.twilio.messaging.inbound-message.received", "source": "/2010-04-01/Accounts/AC1/Messages/SM9",
         "id": "EZ0001", "time": "2026-05-05T09:58:00.000Z", "datacontenttype": "application/json", "data": {"messageSid": "SM9", "body": "hi"}}

CASES = {
    "sms": {"parameters": sms("My order has not arrived.")},
    "sms-unicode": {"parameters": sms("Grüße + 100% & mehr =) 😀 Việt Nam")},
    "sms-empty": {"parameters": sms("")},
    "sms-unknown-parameters": {"parameters": sms("hi", NewThing="1", Another="x y")},
    "sms-short-code": {"parameters": sms("hi", From="72345")},
    "sms-alphanumeric": {"parameters": sms("Your code", From="ACME Inc")},
    "sms-national": {"parameters": sms("hi", From="anonymous")},
    "sms-get": {"method": "GET", "parameters": sms("Über GET")},
    "sms-fallback": {"parameters": sms("again", ErrorCode="11200", ErrorUrl="https://a.example/x")},
    "sms-other-account": {"account": "AC00000000000000000000000000000002", "parameters": sms("from a sub-account")},
    "sms-secondary-token": {"token": "secondary89abcdef0123456789abcdef", "parameters": sms("rotated")},
    "sms-shared-key": {"account": "AC00000000000000000000000000000002", "shared_key": "shared6789abcdef0123456789abcdef", "parameters": sms("strong")},
    "sms-signed-with-port": {"signed_base": "https://hooks.example.com:443", "parameters": sms("port")},
    "sms-duplicate-parameters": {"parameters": sms("dup") + [("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]},
    "sms-stop": {"parameters": sms("Stop", OptOutType="STOP", MessagingServiceSid="MG01")},
    "sms-stop-plain": {"parameters": sms(" STOP ")},
    "sms-start": {"parameters": sms("start", OptOutType="START")},
    "sms-help": {"parameters": sms("HELP", OptOutType="HELP")},
    "sms-yes-is-no-choice": {"parameters": sms("YES")},
    "sms-stop-in-a-sentence": {"parameters": sms("Please stop the noise")},
    "mms": {"parameters": sms("So kam es an", "MM0001", NumMedia="2", MediaUrl0="https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM0001/Media/ME01",
                              MediaContentType0="image/jpeg", MediaUrl1="https://api.twilio.com/x/Media/ME02", MediaContentType1="video/mp4")},
    "mms-without-text": {"parameters": sms("", "MM0002", NumMedia="1", MediaUrl0="https://api.twilio.com/x/Media/ME03", MediaContentType0="text/x-vcard")},
    "rcs": {"parameters": sms("hi over RCS", From="rcs:" + CUSTOMER, To="rcs:acme_agent", ButtonText="Ja", ButtonPayload="yes")},
    "messenger": {"parameters": sms("hallo", From="messenger:4711", To="messenger:108")},
    "whatsapp": {"parameters": whatsapp("Wo ist mein Paket?")},
    "whatsapp-scoped-user": {"parameters": whatsapp("no number shown", From="whatsapp:", WaId=None, ExternalUserId="US.13491208655302741918")},
    "whatsapp-scoped-and-number": {"parameters": whatsapp("both", ExternalUserId="US.13491208655302741918")},
    "whatsapp-button": {"parameters": whatsapp("Call me", MessageType="button", ButtonText="Call me", ButtonPayload="callback",
                                               OriginalRepliedMessageSid="SM0000", OriginalRepliedMessageSender="whatsapp:" + US)},
    "whatsapp-list": {"parameters": whatsapp("Returns", MessageType="interactive", ListId="row-3", ListTitle="Returns")},
    "whatsapp-location": {"parameters": whatsapp("", MessageType="location", Latitude="52.5162746", Longitude="13.3777041", Label="Tor", Address="Pariser Platz")},
    "whatsapp-location-nonsense": {"parameters": whatsapp("", MessageType="location", Latitude="1e999", Longitude="north")},
    "whatsapp-referral": {"parameters": whatsapp("Is this still there?", ReferralSourceId="ad-1", ReferralSourceUrl="https://fb.me/x", ReferralSourceType="ad",
                                                 ReferralHeadline="Spring sale", ReferralBody="…", ReferralCtwaClid="clid-9",
                                                 ReferralMediaUrl="https://cdn.example/a.jpg", ReferralMediaContentType="image/jpeg", ReferralMediaId="m-1")},
    "whatsapp-referral-post": {"parameters": whatsapp("?", ReferralSourceId="post-1", ReferralSourceType="post")},
    "whatsapp-flow": {"parameters": whatsapp("Sent", MessageType="interactive", FlowData=FLOW)},
    "whatsapp-flow-no-json": {"parameters": whatsapp("Sent", MessageType="interactive", InteractiveData="{broken")},
    "whatsapp-contacts": {"parameters": whatsapp("", MessageType="contacts", NumMedia="1", MediaUrl0="https://api.twilio.com/x/Media/ME04", MediaContentType0="text/vcard")},
    "whatsapp-sticker": {"parameters": whatsapp("", MessageType="sticker", NumMedia="1", MediaUrl0="https://api.twilio.com/x/Media/ME05", MediaContentType0="image/webp")},
    "whatsapp-voice": {"parameters": whatsapp("", MessageType="audio", NumMedia="1", MediaUrl0="https://api.twilio.com/x/Media/ME06?a=b", MediaContentType0="audio/ogg")},
    "whatsapp-forwarded": {"parameters": whatsapp("look", Forwarded="true")},
    "whatsapp-frequently-forwarded": {"parameters": whatsapp("look", Forwarded="true", FrequentlyForwarded="true")},
    "whatsapp-unsupported": {"parameters": whatsapp("", MessageType="unsupported")},
    "whatsapp-stop-is-a-word": {"parameters": whatsapp("stop")},
    "too-many-media": {"parameters": sms("many", "MM0003", NumMedia="101", **{f"MediaUrl{n}": f"https://a.example/{n}" for n in range(101)})},
    "huge-number-of-media": {"parameters": sms("liar", NumMedia="99999999999999999999")},
    "story-hello": {"parameters": sms("Hello")},
    "story-photo": {"parameters": sms("My parcel", "MM0001", NumMedia="1", MediaUrl0="https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM0001/Media/ME01",
                                      MediaContentType0="image/jpeg")},
    "story-button": {"parameters": whatsapp("Track", MessageType="button", ButtonText="Track", ButtonPayload="track")},
    "story-optout": {"parameters": sms("Stop", OptOutType="STOP")},
    "story-receipt": {"parameters": status("delivered")},
    "status-sent": {"parameters": status("sent")},
    "status-queued": {"parameters": status("scheduled")},
    "status-delivered": {"parameters": status("delivered", RawDlrDoneDate="2605051000")},
    "status-read": {"parameters": status("read", From="whatsapp:" + US, To="whatsapp:" + CUSTOMER, EventType="READ", ChannelPrefix="whatsapp", ChannelInstallSid="XE01")},
    "status-failed": {"parameters": status("failed", ErrorCode="21610", ErrorMessage="Attempt to send to unsubscribed recipient")},
    "status-undelivered": {"parameters": status("undelivered", ErrorCode="30003", ChannelStatusMessage="Unreachable")},
    "status-canceled": {"parameters": status("canceled")},
    "status-unknown": {"parameters": status("teleported")},
    "status-by-sms-status": {"parameters": status(None, SmsStatus="delivered")},
    "status-without-from": {"parameters": status("sent", From=None)},
    "call": {"parameters": [("CallSid", "CA01"), ("From", CUSTOMER), ("To", US), ("CallStatus", "ringing")]},
    "conversation-hook": {"parameters": [("EventType", "onMessageAdded"), ("ConversationSid", "CH01"), ("MessageSid", "IM02"), ("Body", "hi"), ("Index", "3")]},
    "recording": {"parameters": [("RecordingSid", "RE01"), ("RecordingStatus", "completed")]},
    "transcription": {"parameters": [("TranscriptionSid", "TR01"), ("TranscriptionText", "hi")]},
    "conference": {"parameters": [("ConferenceSid", "CF01"), ("StatusCallbackEvent", "conference-start")]},
    "nothing-known": {"parameters": [("Foo", "bar")]},
    "without-sid": {"parameters": sms("hi", MessageSid=None, SmsSid=None, SmsMessageSid=None)},
    "sid-with-control": {"parameters": sms("hi", "SM\n01")},
    "without-to": {"parameters": sms("hi", To=None)},
    "no-status-but-body": {"parameters": sms("old style", SmsStatus=None)},
    "invalid-utf8": {"parameters": sms("bad \udcff\udcfe bytes")},
    "event-stream": {"json": EVENT},
    "event-stream-batch": {"json": [EVENT, {**EVENT, "id": "EZ0002", "time": "no time"}, 7]},
    "event-stream-test": {"json": {**EVENT, "type": "com.twilio.eventstreams.test-event", "id": "AC1", "data": {"test_id": "test-5"}}},
    "json-truncated": {"json": '{"specversion":"1.0","ty'},
    "json-too-deep": {"json": "[" * 80 + "]" * 80},
    "json-too-many": {"json": [1] * 1001},
    "tampered-body": {"parameters": sms("pay 10"), "tamper": {"body": lambda b: b.replace(b"10", b"99")}},
    "tampered-added-parameter": {"parameters": sms("hi"), "tamper": {"body": lambda b: b + b"&OptOutType=STOP"}},
    "tampered-url": {"parameters": sms("hi"), "tamper": {"target": "/in/twilio?x=1"}},
    "tampered-json": {"json": EVENT, "tamper": {"body": lambda b: b.replace(b'"hi"', b'"ho"')}},
    "json-without-hash": {"parameters": [], "method": "GET", "tamper": {"method": "POST", "body": lambda b: b"{}", "headers": {"Content-Type": "application/json"}}},
    "truncated-on-the-way": {"parameters": sms("half"), "tamper": {"body": lambda b: b[:30]}},
    "no-signature": {"parameters": sms("hi"), "tamper": {"headers": {"X-Twilio-Signature": None}}},
    "malformed-signature": {"parameters": sms("hi"), "tamper": {"headers": {"X-Twilio-Signature": "abc"}}},
    "unknown-account": {"account": "AC00000000000000000000000000000009", "token": "x", "parameters": sms("hi")},
    "wrong-token": {"token": "guess", "parameters": sms("hi")},
    "too-many-parameters": {"parameters": [(f"p{n}", "") for n in range(2100)]},
}


def sign(case, source):
    return twilio_requests.sign(case, source, "/in/twilio")
