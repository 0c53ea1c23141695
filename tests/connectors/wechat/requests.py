"""What WeChat sends, signed and sealed by wechatpy.

A case is {"body": XML as text or a JSON object}; beside it "mode" (aes, plain, compatible), "credential" (its number in source.json), "method",
"query" (parameters that differ), "outer" (the sealed part's surroundings), "app_id".
"""

import urllib.parse

from request_line import text
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

AT, NONCE = 1777975140, "xxxxxx"  # 2026-05-05T09:59:00Z


def element(name, value):
    if isinstance(value, list):
        return "".join(element(name, each) for each in value)
    if isinstance(value, dict):
        value = "".join(element(*pair) for pair in value.items())
    elif isinstance(value, str):
        value = "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return f"<{name}>{value}</{name}>"


def xml(**members):
    members = {"ToUserName": "gh_1", "FromUserName": "oA", "CreateTime": AT, **members}
    return element("xml", {name: value for name, value in members.items() if value is not None})


def message(kind, **members):
    return {"body": xml(MsgType=kind, **{"MsgId": 1234567890123456, **members})}


def event(name, **members):
    return {"body": xml(MsgType="event", Event=name, **members)}


def system(name, **members):
    return event(name, FromUserName="mphelper", **members)


def info(kind, **members):
    return {"body": xml(ToUserName=None, FromUserName=None, AppId="wx49f0ab532d5d035a", InfoType=kind, **members)}


def program(**members):
    return {"body": {"ToUserName": "gh_1", "FromUserName": "oA", "CreateTime": AT, **members}}


TICKET = "gQH47joAAAAAAAAAASxodHRwOi8v=="
CARD = {"CardId": "pCard1", "UserCardCode": "281055"}
LISTED = {"TemplateId": "TPL1", "SubscribeStatusString": "accept", "PopupScene": 2}
NESTED = "<x>" * 80 + "</x>" * 80

CASES = {
    # messages
    "story-hello": message("text", Content="Hello"),
    "story-button": message("text", Content="Track", bizmsgmenuid="track"),
    "text": message("text", Content="我的订单 12345 还没有到 😀 & <b>"),
    "text-plain": {**message("text", Content="plain & <signed>"), "mode": "plain", "credential": 2},
    "text-compatible": {**message("text", Content="the sealed one", MsgId=77), "mode": "compatible"},
    "text-rotated": {**message("text", Content="signed with the old token, sealed with the old key"), "credential": 1},
    "text-cdata-end": message("text", Content="a ]]> b <Encrypt>no</Encrypt>"),
    "text-plain-encrypt": {**message("text", Content="see <Encrypt>x</Encrypt> here"), "mode": "plain", "credential": 2},
    "text-empty": message("text", Content=""),
    "text-space": message("text", Content=" "),
    "text-entities": {"body": xml(MsgType="text", MsgId=3).replace("</xml>", "<Content>1 &lt; 2 &amp;amp; &#x1F600;</Content></xml>")},
    "text-pretty": {"body": "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml(MsgType="text", Content="x\r\ny", MsgId=4).replace("><", ">\n  <").replace(
        ">\n  <![CDATA[", "><![CDATA[").replace("]]>\n  <", "]]><")},
    "text-from-article": message("text", Content="about it", MsgDataId="2247483658", Idx=1),
    "text-union": message("text", Content="hi", UnionId="oUnion/1"),
    "text-unsupported-notice": message("text", Content="【收到不支持的消息类型，暂无法显示】"),
    "image": message("image", PicUrl="http://mmbiz.qpic.cn/mmbiz_jpg/x/0", MediaId="media-1"),
    "voice": message("voice", MediaId="media-2", Format="amr", Recognition="几点开门？", MediaId16K="media-2-16k"),
    "voice-unheard": message("voice", MediaId="media-2", Format="speex", Recognition=""),
    "video": message("video", MediaId="media-3", ThumbMediaId="thumb-3"),
    "shortvideo": message("shortvideo", MediaId="media-4", ThumbMediaId="thumb-4"),
    "location": message("location", Location_X=23.134521, Location_Y=113.358803, Scale=20, Label="广州市海珠区"),
    "location-nowhere": message("location", Location_X=123.1, Location_Y="east", Label="?"),
    "link": message("link", Title="公众平台官网链接", Description="open platform", Url="https://mp.weixin.qq.com/?a=1&b=2"),
    "miniprogrampage": message("miniprogrampage", Title="Shop", AppId="wx999", PagePath="pages/index?id=7", ThumbUrl="http://mmbiz.qpic.cn/t", ThumbMediaId="thumb-5"),
    "file": message("file", Title="invoice.pdf", Description="as asked", FileKey="key-6", FileMd5="aa", FileTotalLen=12345),
    "message-unknown": message("hologram", Content="?"),
    "device-text": message("device_text", DeviceType="gh_1", DeviceID="d1", Content="aGk="),
    # followers, codes, menus
    "subscribe": event("subscribe", EventKey=""),
    "subscribe-qr": event("subscribe", EventKey="qrscene_shop7", Ticket=TICKET),
    "subscribe-paid": event("subscribe", EventKey="last_trade_no_4200001"),
    "subscribe-product": event("subscribe", EventKey="scanbarcode|ean13|6900873042720"),
    "unsubscribe": event("unsubscribe", EventKey=""),
    "scan": event("SCAN", EventKey="shop7", Ticket=TICKET),
    "location-reported": event("LOCATION", Latitude=23.137466, Longitude=113.352425, Precision=119.385040),
    "location-reported-nonsense": event("LOCATION", Latitude="north", Longitude=1),
    "click": event("CLICK", EventKey="track_order"),
    "view": event("VIEW", EventKey="https://shop.example/orders", MenuId=428846567),
    "view-miniprogram": event("view_miniprogram", EventKey="pages/index", MenuId=428846567),
    "scancode-push": event("scancode_push", EventKey="scan_it", ScanCodeInfo={"ScanType": "qrcode", "ScanResult": "https://x.example/1"}),
    "scancode-waitmsg": event("scancode_waitmsg", EventKey="scan_wait", ScanCodeInfo={"ScanType": "barcode", "ScanResult": "EAN_13,6900"}),
    "pic-sysphoto": event("pic_sysphoto", EventKey="photo", SendPicsInfo={"Count": 1, "PicList": {"item": {"PicMd5Sum": "aa11"}}}),
    "pic-photo-or-album": event("pic_photo_or_album", EventKey="album", SendPicsInfo={"Count": 2, "PicList": {"item": [{"PicMd5Sum": "aa11"}, {"PicMd5Sum": "bb22"}]}}),
    "pic-weixin": event("pic_weixin", EventKey="wx", SendPicsInfo={"Count": 0, "PicList": {}}),
    "location-select": event("location_select", EventKey="where", SendLocationInfo={
        "Location_X": "23", "Location_Y": "113", "Scale": "15", "Label": "广州市 1 号", "Poiname": "Depot"}),
    # what became of messages
    "story-receipt": event("TEMPLATESENDJOBFINISH", MsgID=200163836, Status="success"),
    "template-blocked": event("TEMPLATESENDJOBFINISH", MsgID=200163837, Status="failed:user block"),
    "template-failed": event("TEMPLATESENDJOBFINISH", MsgID=200163838, Status="failed: system failed"),
    "template-other": event("TEMPLATESENDJOBFINISH", MsgID=200163839, Status="pondering"),
    "mass-sent": system("MASSSENDJOBFINISH", MsgID=1000001625, Status="send success", TotalCount=100, FilterCount=80, SentCount=75, ErrorCount=5,
                        CopyrightCheckResult={"Count": 2, "ResultList": {"item": [{"ArticleIdx": 1, "AuditState": 2}, {"ArticleIdx": 2, "AuditState": 2}]}, "CheckState": 2},
                        ArticleUrlResult={"Count": 1, "ResultList": {"item": {"ArticleIdx": 1, "ArticleUrl": "https://mp.weixin.qq.com/s/1"}}}),
    "mass-failed": system("MASSSENDJOBFINISH", MsgID=1000001626, Status="send fail", TotalCount=0),
    "mass-refused": system("MASSSENDJOBFINISH", MsgID=1000001627, Status="err(20013)", TotalCount=0, FilterCount=0, SentCount=0, ErrorCount=0),
    "mass-other": system("MASSSENDJOBFINISH", MsgID=1000001628, Status="maybe"),
    "publish": system("PUBLISHJOBFINISH", PublishEventInfo={"publish_id": 2247503051, "publish_status": 0, "article_id": "art-1", "article_detail": {
        "count": 1, "item": {"idx": 1, "article_url": "https://mp.weixin.qq.com/s/9"}}}),
    "publish-running": system("PUBLISHJOBFINISH", PublishEventInfo={"publish_id": 2247503052, "publish_status": 1}),
    "publish-refused": system("PUBLISHJOBFINISH", PublishEventInfo={"publish_id": 2247503053, "publish_status": 2, "fail_idx": [1, 2]}),
    "publish-other": system("PUBLISHJOBFINISH", PublishEventInfo={"publish_id": 2247503054, "publish_status": 9}),
    "subscribe-message-sent": event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": [
        {"TemplateId": "TPL1", "MsgID": "1700827132819554304", "ErrorCode": "0", "ErrorStatus": "success"},
        {"TemplateId": "TPL2", "MsgID": "1700827132819554305", "ErrorCode": "43101", "ErrorStatus": "user refuse to accept the msg"},
        {"TemplateId": "TPL3"}]}),
    # choices
    "story-optout": event("subscribe_msg_change_event", SubscribeMsgChangeEvent={"List": {"TemplateId": "TPL1", "SubscribeStatusString": "reject"}}),
    "subscribe-message-popup": event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [
        LISTED, {**LISTED, "TemplateId": "TPL2", "SubscribeStatusString": "reject"}, {**LISTED, "TemplateId": "TPL3", "SubscribeStatusString": "ban"},
        {"SubscribeStatusString": "accept"}]}),
    "subscribe-message-popup-json": program(MsgType="event", Event="subscribe_msg_popup_event", List={**LISTED, "PopupScene": "0"}),
    "subscribe-message-popup-json-list": program(MsgType="event", Event="subscribe_msg_popup_event", List=[LISTED, {**LISTED, "TemplateId": "TPL2"}]),
    "subscribe-message-none": event("subscribe_msg_popup_event", SubscribeMsgPopupEvent=""),
    "subscribe-message-too-many": event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [LISTED] * 201}),
    "authorization-revoked": event("user_authorization_revoke", FromUserName="wx_platform", OpenID="oA", AppID="wx49f0ab532d5d035a", RevokeInfo="1,2"),
    "authorization-cancelled": event("user_authorization_cancellation", FromUserName="wx_platform", OpenID="oA", AppID="wx49f0ab532d5d035a"),
    "authorization-of-nobody": event("user_authorization_revoke", FromUserName="wx_platform", RevokeInfo="1"),
    "user-info-modified": event("user_info_modified", FromUserName="wx_platform", OpenID="oA", AppID="wx49f0ab532d5d035a", RevokeInfo="1"),
    # staff, sessions, stores
    "staff-session": event("kf_create_session", KfAccount="ann@acme"),
    "staff-session-closed": event("kf_close_session", KfAccount="ann@acme", CloseType="KF"),
    "staff-session-switched": event("kf_switch_session", FromKfAccount="ann@acme", ToKfAccount="bob@acme"),
    "temporary-session": program(MsgType="event", Event="user_enter_tempsession", SessionFrom="order|77"),
    "session-from-card": event("user_enter_session_from_card", **CARD),
    "session-from-product": event("user_scan_product_enter_session", KeyStandard="ean13", KeyStr="6900873042720"),
    "wifi": event("WifiConnected", ConnectTime=AT, ExpireTime=0, VendorId="3001224419", PlaceId="1234", DeviceNo="a4:b3:c2"),
    "wifi-nowhere": event("WifiConnected", ConnectTime=AT),
    "shake": event("ShakearoundUserShake", ChosenBeacon={"Uuid": "u1", "Major": 1, "Minor": 2, "Distance": 0.057}, AroundBeacons={"AroundBeacon": [
        {"Uuid": "u2", "Major": 3, "Minor": 4, "Distance": 166.8}, {"Uuid": "u3", "Major": 5, "Minor": 6, "Distance": 15.0}]}),
    "scan-product": event("user_scan_product", KeyStandard="ean13", KeyStr="6900873042720", Country="中国", Sex=1, Scene=2),
    # cards, orders, invoices
    "card-got": event("user_get_card", **CARD, OldUserCardCode="", IsGiveByFriend=1, FriendUserName="oB", OuterStr="12b", IsRestoreMemberCard=0, UnionId="oUnion/1"),
    "card-given": event("user_gifting_card", **CARD, IsReturnBack=0, FriendUserName="oB", IsChatRoom=0),
    "card-deleted": event("user_del_card", **CARD),
    "card-consumed": event("user_consume_card", **CARD, ConsumeSource="FROM_API", LocationName="", StaffOpenId="oS", VerifyCode="", RemarkAmount="", OuterStr="xx"),
    "card-paid": event("user_pay_from_pay_cell", **CARD, TransId="10000003003", LocationId=291710000, Fee=10000, OriginalFee=10001),
    "card-viewed": event("user_view_card", **CARD, OuterStr="12b"),
    "card-updated": event("update_member_card", **CARD, ModifyBonus=3, ModifyBalance=0),
    "card-member": event("submit_membercard_user_info", **CARD),
    "card-passed": event("card_pass_check", CardId="pCard1"),
    "card-refused": event("card_not_pass_check", CardId="pCard1", RefuseReason="logo"),
    "card-stock": event("card_sku_remind", CardId="pCard1", Detail="the stock is used up"),
    "card-order": event("card_pay_order", OrderId="404091456", Status="ORDER_STATUS_FINANCE_SUCC", CreateOrderTime=AT, PayFinishTime=AT),
    "store-checked": event("poi_check_notify", UniqId="123adb", PoiId="123123", Result="fail", Msg="xxxxxx"),
    "order": event("merchant_order", OrderId="test_order_id", OrderStatus=2, ProductId="test_product_id", SkuInfo="10001:1000012;10002:100021"),
    "invoice-authorized": event("user_authorize_invoice", SuccOrderId="1202933957956", FailOrderId="", AppId="wx_invoice", Source="web"),
    "invoice-status": event("update_invoice_status", Status="INVOICE_REIMBURSE_LOCK", CardId="pI", Code="186"),
    "invoice-title": event("submit_invoice_title", title="ACME", phone="+86 138", tax_no="1", addr="x", bank_type="y", bank_no="z", attach="a", title_type="InvoiceUserTitleBusinessType"),
    # the account itself, and the open platform
    "qualified": event("qualification_verify_success", ExpiredTime=1809511200),
    "qualification-failed": event("qualification_verify_fail", FailTime=AT, FailReason="by time"),
    "named": event("naming_verify_success", ExpiredTime=1809511200),
    "naming-failed": event("naming_verify_fail", FailTime=AT, FailReason="by time"),
    "renew": event("annual_renew", ExpiredTime=1809511200),
    "expired": event("verify_expired", ExpiredTime=1809511200),
    "media-checked": event("wxa_media_check", isrisky=1, extra_info_json="", appid="wx8", trace_id="967e945", status_code=0),
    "ticket": info("component_verify_ticket", ComponentVerifyTicket="ticket@@@secret"),
    "authorized": info("authorized", AuthorizerAppid="wxAuthorizer", AuthorizationCode="code@@@secret", AuthorizationCodeExpiredTime=1777978740, PreAuthCode="preauth@@@secret"),
    "unauthorized": info("unauthorized", AuthorizerAppid="wxAuthorizer"),
    "updateauthorized": info("updateauthorized", AuthorizerAppid="wxAuthorizer", AuthorizationCode="code@@@secret", AuthorizationCodeExpiredTime=1777978740),
    "info-unknown": info("notify_third_fasteregister", status=0),
    "info-of-nobody": {"body": xml(ToUserName=None, FromUserName=None, InfoType="authorized")},
    "event-unknown": event("hologram_opened", EventKey="x"),
    # mini programs
    "json-text": program(MsgType="text", Content="你好", MsgId=18446744073709551615),
    "json-image": program(MsgType="image", PicUrl="http://mmbiz.qpic.cn/1", MediaId="media-9", MsgId=9),
    "json-plain": {**program(MsgType="miniprogrampage", Title="Shop", AppId="wx999", PagePath="p", ThumbUrl="http://t", ThumbMediaId="", MsgId=10), "mode": "plain", "credential": 2},
    "json-numbers": program(MsgType="text", Content=7, MsgId=True),
    "json-huge": {"body": '{"ToUserName":"gh_1","FromUserName":"oA","CreateTime":1e400,"MsgType":"text"}'},
    "json-array": {"body": "{}", "mode": "plain", "credential": 2, "tamper": {"body": lambda _: b"[1]"}},
    "json-wrong-types": program(MsgType={"a": 1}, MsgId=None),
    "json-deep": {"body": '{"MsgType":' + '{"a":' * 80 + "1" + "}" * 81},
    "json-truncated": {"body": '{"ToUserName":"gh_1","From'},
    "json-utf8": {"body": b'{"ToUserName":"gh_1","FromUserName":"oA","MsgType":"text","Content":"\xff"}'},
    # the second that two events share
    "same-second-a": event("CLICK", EventKey="a"),
    "same-second-b": event("CLICK", EventKey="b"),
    # what is wrong inside
    "time-missing": message("text", Content="when?", CreateTime=None),
    "time-huge": message("text", Content="when?", CreateTime=99999999999999999999),
    "time-milliseconds": message("text", Content="when?", CreateTime=1777975140000),
    "id-missing": message("text", Content="no id", MsgId=None),
    "id-control": message("text", Content="bad id", MsgId="1\x012"),
    "sender-missing": message("text", Content="who?", FromUserName=None),
    "account-missing": message("text", Content="whom?", ToUserName=None),
    "type-missing": {"body": xml(Content="what?")},
    "event-missing": {"body": xml(MsgType="event")},
    "invalid-utf8": {"body": xml(MsgType="text", Content="a?b", MsgId=5).encode().replace(b"a?b", b"a\xffb\xe6\x88")},
    "doctype": {"body": '<!DOCTYPE xml [<!ENTITY x "boom">]>' + xml(MsgType="text", MsgId=6).replace("</xml>", "<Content>&x;</Content></xml>")},
    "too-deep": {"body": xml(MsgType="text").replace("</xml>", NESTED + "</xml>")},
    "too-many": {"body": xml(MsgType="event", Event="user_get_card").replace("</xml>", "<a/>" * 4100 + "</xml>")},
    "many-fields": {"body": xml(MsgType="event", Event="user_get_card", **{f"f{n}": n for n in range(250)})},
    "truncated": {"body": xml(MsgType="text", Content="cut")[:-9]},
    "empty": {"body": "", "mode": "plain", "credential": 2},
    "no-xml": {"body": "hello", "mode": "plain", "credential": 2},
    "only-text": {"body": "<xml>hello</xml>"},
    # envelopes
    "other-app": {**message("text", Content="hi"), "app_id": "wx0000000000000000"},
    "other-key": {**message("text", Content="hi"), "sealed_with": "zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKA"},
    "not-sealed-at-all": {"body": "", "sealed": "bm90IHNlYWxlZCBhdCBhbGw="},
    "sealed-no-base64": {"body": "", "sealed": "?"},
    "challenge": {"method": "GET", "mode": "plain", "credential": 2, "query": {"echostr": "5927782489442352469"}},
    "challenge-nothing": {"method": "GET", "mode": "plain", "credential": 2},
    "challenge-sealed": {"method": "GET", "body": "5927782489442352469", "query": {}},
    "challenge-forged": {"method": "GET", "mode": "plain", "credential": 2, "query": {"echostr": "1", "signature": "0" * 40}},
    "no-signature": {**message("text", Content="hi"), "tamper": {"target": "/in/wechat"}},
    "no-message-signature": {**message("text", Content="hi"), "query": {"msg_signature": None}},
    "malformed-signature": {**message("text", Content="hi"), "query": {"msg_signature": "z" * 40}},
    "short-signature": {**message("text", Content="hi"), "query": {"msg_signature": "abcd"}},
    "forged-signature": {**message("text", Content="hi"), "query": {"msg_signature": "0" * 40}},
    "wrong-token": {**message("text", Content="hi"), "token": "guess"},
    "nothing-sealed": {**message("text", Content="hi"), "tamper": {"body": lambda _: xml(MsgType="text", Content="hi").encode()}},
    "other-nonce": {**message("text", Content="hi"), "query": {"nonce": "yyyyyy"}},
    "other-time": {**message("text", Content="hi"), "query": {"timestamp": str(AT + 1)}},
    "swapped-seal": {**message("text", Content="hi"), "tamper": {"body": lambda body: body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[AAAA")}},
    "plain-wrong-token": {**message("text", Content="hi"), "mode": "plain", "token": "guess"},
    "put": {**message("text", Content="hi"), "tamper": {"method": "PUT"}},
    "replayed-later": {**message("text", Content="again"), "received_at": "2026-05-05T16:00:00.000Z"},
}


class Crypto(PrpCrypto):
    """The library's, with its random bytes fixed, so that the same case gives the same bytes."""

    def get_random_string(self):
        return "0123456789abcdef"


def signature(*parts):
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


def seal(case, credential):
    key = WeChatCrypto(credential["token"], case.get("sealed_with", credential["encoding_aes_key"]), "").key
    return Crypto(key).encrypt(text(case["body"]), case.get("app_id", credential["app_id"])).decode()


def sign(case, source):
    credential, mode, method = source["credentials"][case.get("credential", 0)], case.get("mode", "aes"), case.get("method", "POST")
    token, body = case.get("token", credential["token"]), text(case.get("body", ""))
    query, headers = {"signature": signature(token, str(AT), NONCE), "timestamp": str(AT), "nonce": NONCE, "openid": "oA"}, []
    if mode != "plain":
        sealed = case.get("sealed") or seal(case, credential)
        query |= {"encrypt_type": "aes", "msg_signature": signature(token, str(AT), NONCE, sealed)}
        if method == "GET":
            query["echostr"] = sealed
        elif isinstance(case["body"], dict):
            body = text({"ToUserName": "gh_1", "Encrypt": sealed})
        elif mode == "compatible":
            body = xml(MsgType="text", Content="in clear <Encrypt>AAAA</Encrypt>", MsgId=78, Encrypt=sealed).encode()
        else:
            body = xml(FromUserName=None, CreateTime=None, Encrypt=sealed).encode()
    query = {name: value for name, value in (query | case.get("query", {})).items() if value is not None}
    if method == "GET":
        body = b""
    else:
        headers.append(["Content-Type", "application/json" if body.startswith(b"{") else "text/xml"])
    return method, "/in/wechat?" + urllib.parse.urlencode(query), headers, body
