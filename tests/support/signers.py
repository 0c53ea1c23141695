"""Signs as the devices and providers do, from their documentation and not from our code."""

import base64
import hashlib
import hmac
import urllib.parse


def kiosk(key, device, method, target, body):
    signed = device.encode() + b"\n" + method.encode() + b"\n" + target.encode() + b"\n" + body
    return [("Content-Type", "application/json"), ("Kiosk-Device", device),
            ("Kiosk-Signature", "v1=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest())]


def twilio(token, url, parameters):
    """Headers and body of a form post."""
    signed = url + "".join(name + value for name, value in sorted(parameters.items()))
    signature = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    return [("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", signature)], urllib.parse.urlencode(parameters).encode()


def webhook(secret, identifier, seconds, body):
    signed = f"{identifier}.{seconds}.".encode() + body
    signature = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return [("Content-Type", "application/json"), ("webhook-id", identifier), ("webhook-timestamp", str(seconds)), ("webhook-signature", "v1," + signature)]


def twilio_raw(token, url, body):
    """For a body that need not be a sound form: signed over what a form parser of Twilio's side would have sent."""
    pairs = urllib.parse.parse_qsl(body.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape")
    signed = url + "".join(name + value for name, value in sorted(set(pairs)))
    signature = base64.b64encode(hmac.new(token.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()).decode()
    return [("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", signature)]
