"""Postmark's webhooks, with the members that its page and its libraries name, and the credentials as it sends them."""

import base64

from request_line import text

TOKEN = "mfzxg5dfojuw4z3tmvzxg2lpny"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
DATE = "Tue, 5 May 2026 11:59:30 +0200"


def person(email, name="", tag=""):
    return {"Email": email, "Name": name, "MailboxHash": tag}


def file(name, content, content_type, content_id="", **more):
    return {"Name": name, "Content": base64.b64encode(content).decode(), "ContentType": content_type, "ContentLength": len(content),
            "ContentID": content_id, **more}


def header(**values):
    return [{"Name": name.replace("_", "-"), "Value": value} for name, value in values.items()]


def mail(number, headers=None, **more):
    """An inbound mail. Postmark puts the envelope's sender before the mail's own headers, without Date and Reply-To."""
    message = {
        "FromName": "Ann Example", "MessageStream": "inbound", "From": "ann@example.com", "FromFull": person("ann@example.com", "Ann Example"),
        "To": "Support <support@acme.example>", "ToFull": [person("support@acme.example", "Support")], "Cc": "", "CcFull": [], "Bcc": "", "BccFull": [],
        "OriginalRecipient": "support@acme.example", "Subject": "My parcel", "MessageID": f"22c74902-a0c1-4511-804f-34134285{number:04}",
        "ReplyTo": "", "MailboxHash": "", "Date": DATE, "TextBody": "Where is it?\n", "HtmlBody": "", "StrippedTextReply": "", "Tag": "",
        "Headers": header(Return_Path="<ann@example.com>", Received="from mail.example.com by mail.acme.example", Message_ID=f"<{number}@mail.example.com>",
                          MIME_Version="1.0") + (headers or []),
        "Attachments": []}
    return {**message, **more}


def report(number, *parts):
    """What another mail system, or the reader's program, tells about a mail."""
    return mail(number, FromFull=person("MAILER-DAEMON@example.com"), From="MAILER-DAEMON@example.com", FromName="", TextBody="For a person to read.",
                Headers=header(Return_Path="<>", Message_ID=f"<{number}@mail.example.com>"), Attachments=list(parts))


def without(message, *names):
    return {name: value for name, value in message.items() if name not in names}


def sent(record_type, number=1, **more):
    return {"RecordType": record_type, "ServerID": 23, "MessageStream": "outbound", "MessageID": f"883953f4-6105-42a2-a16a-77a8eac7{number:04}",
            "Tag": "welcome", "Metadata": {"order": "4711"}, **more}


def bounce(kind, code, number=42, inactive=None, **more):
    inactive = kind == "HardBounce" if inactive is None else inactive
    return sent("Bounce", ID=number, Type=kind, TypeCode=code, Name=kind, Description="Postmark's words for it.", Details="smtp;550 5.1.1 No such user",
                Email="ann@example.com", From="news@acme.example", BouncedAt="2026-05-05T10:00:00.1234567Z", DumpAvailable=True, Inactive=inactive,
                CanActivate=True, Subject="Welcome", **more)


def opened(record_type, **more):
    return sent(record_type, Recipient="Ann@Example.com", ReceivedAt="2026-05-05T05:59:00.5000000-04:00", Platform="Desktop", UserAgent="Mozilla/5.0",
                Client={"Name": "Thunderbird", "Company": "Mozilla", "Family": "Thunderbird"}, OS={"Name": "Linux", "Company": "", "Family": "Linux"},
                Geo={"CountryISOCode": "DE", "Country": "Germany", "City": "Berlin", "Coords": "52.5,13.4", "IP": "192.0.2.99"}, **more)


def subscription(**more):
    return {"RecordType": "SubscriptionChange", "MessageID": "883953f4-6105-42a2-a16a-77a8eac70001", "ServerID": 23, "MessageStream": "broadcast",
            "ChangedAt": "2026-05-05T10:00:00Z", "Recipient": "ann@example.com", "Origin": "Recipient", "SuppressSending": True,
            "SuppressionReason": "ManualSuppression", "Tag": None, "Metadata": {}, **more}


HTML = """<!DOCTYPE html><html><head><title>Not shown</title><style>p { color: red }</style></head><body>
<!-- nor this --><p>Dear&nbsp;team,</p><p>I paid 5&euro; &amp; got <b>nothing</b>&#8230; 1 &lt; 2<br>Really.</p>
<ul><li>One</li><li>T&uuml;r</li></ul><script>alert("no")</script>
<table><tr><td>Order</td><td title="a > b">4711</td></tr></table><div>Ann</div></body></html>"""

FULL = mail(
    1, header(Sender="Office <office@example.com>", Resent_From="Bob <bob@example.org>", Content_Language="en-GB", X_Spam_Status="No",
              X_Spam_Score="-0.1", X_Spam_Tests="DKIM_SIGNED,DKIM_VALID,DKIM_VALID_AU,SPF_PASS"),
    To='"Support, Acme" <in+t42@acme.example>', ToFull=[person("in+t42@acme.example", "Support, Acme", "t42")],
    Cc="Carl <carl@example.net>", CcFull=[person("carl@example.net", "Carl"), person("sales@acme.example", "Sales")], BccFull=[person("boss@acme.example")],
    OriginalRecipient="in+t42@acme.example", MailboxHash="t42", ReplyTo='"Ann, private" <Ann.Private@Example.org>, second@example.org',
    TextBody="See the photo.\n\nOn Monday you wrote:\n> What happened?\n", StrippedTextReply="See the photo.",
    HtmlBody='<p>See the photo.</p><img src="cid:photo@1"><blockquote>What happened?</blockquote>',
    Attachments=[file("photo.png", PNG, "image/png", "<photo@1>"), file("bill.txt", b"4711: 5 EUR", "Text/Plain; charset=utf-8", "bill@1")])

CASES = {
    "story-hello": {"body": mail(2, TextBody="Hello", Subject="Hello")},
    "story-photo": {"body": mail(3, TextBody="My parcel", Attachments=[file("parcel.png", PNG, "image/png")])},
    "story-receipt": {"body": sent("Delivery", Recipient="ann@example.com", DeliveredAt="2026-05-05T09:59:58.1234567Z", Details="smtp;250 2.0.0 OK")},
    "story-optout": {"body": subscription()},
    "mail-full": {"body": FULL},
    "mail-html-only": {"body": mail(4, TextBody="", HtmlBody=HTML)},
    "mail-token": {"body": mail(5, header(References="<root@acme.example> <2@acme.example>", In_Reply_To="<2@acme.example>"), MailboxHash="C." + TOKEN.upper(),
                                ToFull=[person(f"in+c.{TOKEN}@acme.example", "", "c." + TOKEN)], OriginalRecipient=f"in+c.{TOKEN}@acme.example")},
    "mail-token-in-cc": {"body": mail(6, CcFull=[person(f"in+c.{TOKEN}@acme.example", "", "c." + TOKEN)])},
    "mail-token-is-none": {"body": mail(7, MailboxHash="c.somebody", OriginalRecipient="support+c.short@acme.example")},
    "mail-reply": {"body": mail(8, header(References="<root@acme.example>\r\n <1@mail.example.com>", In_Reply_To="<1@mail.example.com>"), Subject="Re: My parcel")},
    "mail-reply-to-postmark": {"body": mail(9, header(In_Reply_To="<883953f4-6105-42a2-a16a-77a8eac70001@mtasv.net>"), Subject="Re: Welcome")},
    "mail-out-of-office": {"body": mail(10, header(Auto_Submitted="auto-replied", X_Auto_Response_Suppress="All"), Subject="Out of office", TextBody="I am away.")},
    "mail-newsletter": {"body": mail(11, header(List_Id='"The list" <news.example.com>', Precedence="bulk", List_Unsubscribe="<mailto:u@example.com>"))},
    "mail-suppress": {"body": mail(12, header(X_Auto_Response_Suppress="OOF, AutoReply"))},
    "mail-from-daemon": {"body": mail(13, FromFull=person("MAILER-DAEMON@example.com"), From="MAILER-DAEMON@example.com", FromName="",
                                      Headers=header(Return_Path="<>", Message_ID="<13@example.com>"))},
    "mail-without-from": {"body": mail(14, FromFull=person(""), From="", FromName="")},
    "mail-without-any-sender": {"body": mail(15, FromFull=person(""), From="", FromName="", Headers=[])},
    "mail-without-date": {"body": mail(16, Date="")},
    "mail-date-with-comment": {"body": mail(17, Date="Tue, 5 May 2026 02:00:00 -0700 (PDT)")},
    "mail-from-check-button": {"body": mail(18, MessageID="73e6d360-66eb-11e1-8e72-a8904824019b", Date="Fri, 1 Aug 2014 16:45:32 -04:00", Headers=header(X_Header_Test=""),
                                            Attachments=[{"Name": "test.txt", "Data": "dGVzdA==", "ContentType": "text/plain", "ContentLength": 4}])},
    "mail-of-the-world": {"body": mail(19, FromFull=person("Zoë@Bücher.example", "Nguyễn Thị Lan 🌸"), Subject="退货 ⟲", TextBody="Xin chào! 你好 😀")},
    "mail-attachment-malformed": {"body": mail(20, Attachments=[{"Name": "a.pdf", "Content": "%%%", "ContentType": "application/pdf", "ContentLength": 2},
                                                                file("b.txt", b"b", "text/plain")])},
    "mail-attachment-too-large": {"body": mail(21, Attachments=[file("big.bin", b"x" * 5000, "application/octet-stream")])},
    "mail-too-many-attachments": {"body": mail(22, Attachments=[file(f"{n}.txt", b"%d" % n, "text/plain") for n in range(7)])},
    "mail-file-names": {"body": mail(23, Attachments=[file("..\\..\\C:\\windows\\evil.exe", b"MZ", "application/x-msdownload"), file("/etc/pass\x00wd", b"x", ""),
                                                      file("photo\u202egnp.exe", b"x", "text/plain"), file("..", b"", "text/calendar; method=REQUEST")])},
    "mail-original": {"body": mail(24, RawEmail="From: ann@example.com\r\nSubject: My parcel\r\n\r\nWhere is it?\r\n")},
    "mail-forged-filter": {"body": mail(25, header(X_Spam_Status="No", X_Spam_Score="0") + header(X_Spam_Status="Yes", X_Spam_Tests="SPF_FAIL,DKIM_INVALID"))},
    "mail-spam": {"body": mail(26, header(X_Spam_Status="Yes, score=9.1", X_Spam_Score="9.1", X_Spam_Tests="SPF_SOFTFAIL, DMARC_REJECT"))},
    "mail-encrypted": {"body": mail(27, TextBody="", Attachments=[file("version.txt", b"Version: 1", "application/pgp-encrypted"),
                                                                  file("encrypted.asc", b"-----BEGIN PGP MESSAGE-----", "application/octet-stream")])},
    "mail-without-recipient": {"body": mail(28, OriginalRecipient="", To="", ToFull=[])},
    "mail-without-id": {"body": without(mail(29), "MessageID")},
    "mail-wrong-type": {"body": mail(30, TextBody=["no", "text"])},
    "mail-wrong-header": {"body": mail(31, Headers=[{"Name": "Subject", "Value": 5}])},
    "mail-wrong-recipient": {"body": mail(32, ToFull=["support@acme.example"])},
    "mail-with-record-type": {"body": mail(33, RecordType="Inbound")},
    "mail-without-full": {"body": without(mail(34, From='"Ann E." <ann@example.com>', FromName=""), "FromFull", "ToFull", "CcFull", "BccFull", "Headers", "Attachments")},
    "mail-card-number": {"body": mail(35, TextBody="My card is 4111 1111 1111 1111.")},
    "mail-many-headers": {"body": mail(36, [{"Name": f"X-{n}", "Value": "x"} for n in range(1100)])},
    "mail-bounce": {"body": report(60, file("", b"Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; Ann@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
                                            b"Diagnostic-Code: smtp; 550 5.1.1\r\n No such user here\r\n\r\nOriginal-Recipient: rfc822;bob@example.org\r\n"
                                            b"Final-Recipient: rfc822; bob@mail.example.org\r\nAction: delayed (for 4 hours)\r\nStatus: 4.4.1 (no answer)\r\n", "message/delivery-status"),
                                   file("", b"From: news@acme.example\r\nMessage-ID: <883953f4-6105-42a2-a16a-77a8eac70001@mtasv.net>\r\n\r\nDear Ann\r\n", "message/rfc822"))},
    "mail-read-receipt": {"body": report(61, file("", b"Reporting-UA: phone\nFinal-Recipient: rfc822;ann@example.com\nOriginal-Message-ID: <sold@acme.example>\n"
                                                  b"Disposition: manual-action/MDN-sent-manually; displayed\n", "message/disposition-notification"))},
    "mail-complaint": {"body": report(62, file("", b"Feedback-Type: abuse\nUser-Agent: FBL/1\nVersion: 1\nOriginal-Rcpt-To: <ann@example.com>\n", "message/feedback-report"),
                                      file("", b"Message-ID: <news@acme.example>\nFrom: news@acme.example\n", "text/rfc822-headers"))},
    "mail-report-unreadable": {"body": report(63, file("", b"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ann@example.com\nAction: vanished\n", "message/delivery-status"))},
    "bounce-hard": {"body": {"RecordType": "Bounce", "ID": 42, "Type": "HardBounce", "TypeCode": 1, "ServerID": 23, "MessageStream": "outbound", "MessageID": "1f0e",
                             "Email": "a@x.org", "BouncedAt": "2026-05-05T10:00:00.1234567Z", "Details": "550 5.1.1", "Inactive": True, "Metadata": {"survey": "7"}}},
    "bounce-soft": {"body": bounce("SoftBounce", 4096, 4611686018427387905)},
    "bounce-soft-once-too-often": {"body": bounce("SoftBounce", 4096, inactive=True)},
    "bounce-transient": {"body": bounce("Transient", 2)},
    "bounce-of-new-type": {"body": bounce("Meteorite", 999999)},
    "bounce-blocked": {"body": {**bounce("Blocked", 100006), "Details": "", "Description": ""}},
    "bounce-api-error": {"body": bounce("SMTPApiError", 100007)},
    "bounce-unsubscribe": {"body": bounce("Unsubscribe", 16)},
    "bounce-subscribe": {"body": bounce("Subscribe", 32)},
    "bounce-out-of-office": {"body": {**bounce("AutoResponder", 64), "Details": "I am away until Monday."}},
    "bounce-with-content": {"body": {**bounce("DnsError", 256), "Content": "Return-Path: <>\r\nSubject: Undelivered\r\n\r\nNo route.\r\n"}},
    "bounce-from-check-button": {"body": {**bounce("HardBounce", 1), "MessageID": "00000000-0000-0000-0000-000000000000", "ServerID": 1234}},
    "bounce-without-id": {"body": without(bounce("HardBounce", 1), "ID")},
    "complaint": {"body": {**bounce("SpamComplaint", 512), "RecordType": "SpamComplaint"}},
    "complaint-as-bounce": {"body": bounce("SpamComplaint", 100001)},
    "delivery-in-conversation": {"body": sent("Delivery", 2, Recipient="ann@example.com", DeliveredAt="2026-05-05T10:00:00Z", Tag="",
                                              Metadata={"conversation_id": TOKEN, "order": "4711"})},
    "delivery-of-old-server": {"body": {**without(sent("Delivery", 3, Recipient="ann@example.com", DeliveredAt="soon"), "ServerID", "Metadata"), "ServerId": 17}},
    "delivery-without-id": {"body": {**sent("Delivery", Recipient="ann@example.com", DeliveredAt="2026-05-05T10:00:00Z"), "MessageID": None}},
    "open": {"body": opened("Open", FirstOpen=True, ReadSeconds=5)},
    "click": {"body": opened("Click", ClickLocation="HTML", OriginalLink="https://acme.example/track?order=4711")},
    "suppressed-by-complaint": {"body": subscription(SuppressionReason="SpamComplaint", Origin="Recipient")},
    "suppressed-by-hard-bounce": {"body": subscription(SuppressionReason="HardBounce", Origin="Recipient")},
    "suppressed-by-company": {"body": subscription(MessageID=None, Origin="Customer")},
    "suppressed-by-postmark": {"body": subscription(MessageID=None, Origin="Admin")},
    "reactivated": {"body": {"RecordType": "SubscriptionChange", "MessageID": None, "ServerID": 23, "MessageStream": "outbound", "ChangedAt": "2026-05-05T10:00:00Z",
                             "Recipient": "a@x.org", "Origin": "Customer", "SuppressSending": False, "SuppressionReason": None, "Tag": None, "Metadata": {}}},
    "subscription-wrong-type": {"body": subscription(SuppressSending="yes")},
    "new-kind": {"body": sent("Teleport", Recipient="ann@example.com")},
    "no-kind": {"body": {"hello": "world"}},
    "array": {"body": [mail(40)]},
    "huge-number": {"body": text(bounce("HardBounce", 1)).replace(b'"ID": 42', b'"ID": 1' + b"0" * 400)},
    "large-id": {"body": bounce("HardBounce", 1, 18446744073709551615)},
    "too-deep": {"body": text(mail(41)).replace(b'"Tag": ""', b'"Tag": ' + b"[" * 80 + b"]" * 80)},
    "invalid-utf8": {"body": text(mail(42, TextBody="caf@")).replace(b"caf@", b"caf\xe9")},
    "lone-surrogate": {"body": text(mail(43, TextBody="@@")).replace(b"@@", b"\\udc00")},
    "truncated": {"body": text(mail(44)), "tamper": {"body": lambda b: b[:200]}},
    "empty": {"body": b""},
    "old-password": {"body": mail(45), "basic": ("postmark", "old password of the webhook")},
    "secret-header": {"body": mail(46), "basic": None, "header": ("x-switchboard-secret", "the value of the header")},
    "both-locks": {"body": mail(47), "basic": ("both", "first lock"), "header": ("X-Second-Lock", "second lock")},
    "first-lock-alone": {"body": mail(48), "basic": ("both", "first lock")},
    "wrong-password": {"body": mail(49), "basic": ("postmark", "guess")},
    "wrong-header": {"body": mail(50), "basic": None, "header": ("X-Switchboard-Secret", "guess")},
    "no-credentials": {"body": mail(51), "basic": None},
    "another-scheme": {"body": mail(52), "tamper": {"headers": {"Authorization": "Bearer the password: with colons"}}},
    "wrong-method": {"body": mail(53), "tamper": {"method": "PUT"}},
}


def sign(case, source):
    headers = [["Content-Type", "application/json"], ["User-Agent", "Postmark"]]
    basic = case["basic"] if "basic" in case else ("postmark", source["credentials"][1]["password"])
    if basic:
        headers.append(["Authorization", "Basic " + base64.b64encode(":".join(basic).encode()).decode()])
    if "header" in case:
        headers.append(list(case["header"]))
    return "POST", "/in/postmark", headers, text(case["body"])


def mutant(case, flip):
    """The case with one thing changed; its credentials stay."""
    return {**case, "body": flip(text(case["body"]))}
