"""Amazon's own validator has to agree with our verifier: on what is signed by Amazon's rule, on copies that were changed on
the way."""

import datetime
import json
import pathlib
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from request_line import RECEIVED, line, requests_of, source_of
from vendor import authentic, disagreements, flip, verdicts, words

HERE = pathlib.Path(__file__).resolve().parent
MODULES = HERE.parents[2] / "build" / "node" / "node_modules"


def made_key(name, days=30):
    """(private key, certificate) as PEM: a real one, as Amazon's are, signed by itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(RECEIVED - datetime.timedelta(days=days))
                   .not_valid_after(RECEIVED + datetime.timedelta(days=days)).sign(key, hashes.SHA256()))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def validated(tmp_path, certificates, bodies):
    """What Amazon's validator says of each body; what is no JSON text is none of its business."""
    file = tmp_path / "certificates.json"
    file.write_text(json.dumps(certificates))
    done = subprocess.run(["node", HERE / "validator.mjs", MODULES, file], input="".join(json.dumps(body) + "\n" for body in bodies),
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout.removesuffix("\n").split("\n")
    assert len(said) == len(bodies)
    return [answer == "valid" for answer in said]


def test_amazons_validator_agrees(dice, tmp_path):
    module, source = requests_of("amazon_sns"), source_of("amazon_sns")
    keys = [made_key("sns.amazonaws.com") for _ in range(3)]
    urls = [f"{module.HOST}SimpleNotificationService-{number}.pem" for number in range(len(keys))]
    source["credentials"] = [{"signing_key": private} for private, _ in keys]
    source["settings"]["certificates"] = {url: certificate for url, (_, certificate) in zip(urls, keys)}
    (tmp_path / "source.json").write_text(json.dumps(source))

    lines, bodies, wanted = [], [], []

    def add(method, target, headers, body, want):
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return
        lines.append(line("amazon_sns", method, target, headers, body))
        bodies.append(text)
        wanted.append(want)

    for number in range(500):
        chosen, kind = dice.randrange(len(keys)), dice.choice(["Notification"] * 4 + ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
        case = {"name": f"random-{number}", "type": kind, "message": words(dice, 200) + "x", "version": dice.choice("12"), "key": chosen,
                "url": urls[chosen], "ascii": dice.random() < 0.5, "late": -dice.randrange(86400)}
        if kind == "Notification" and dice.random() < 0.5:
            case["subject"] = words(dice) + "x"
        # Its validator leaves out the token of an UnsubscribeConfirmation, other libraries of Amazon's do not; both are taken.
        if kind == "UnsubscribeConfirmation":
            case["unsigned"] = ["Token"]
        request = module.sign(case, source)
        add(*request, True)
        for _ in range(4):
            add(*request[:3], flip(dice, request[3]), None)
        other = {**case, "url": urls[(chosen + 1) % len(urls)]}
        add(*module.sign(other, source), False)
    given, theirs = verdicts("amazon_sns", lines, str(tmp_path / "source.json")), validated(tmp_path, source["settings"]["certificates"], bodies)
    ours = [authentic(answer) for answer in given]
    expected = [taken if want is None else want for taken, want in zip(ours, wanted)]
    wrong = disagreements(given, lines, expected)
    assert not wrong, wrong[:3]
    certain = [(valid, want) for valid, want in zip(theirs, wanted) if want is not None]
    assert all(valid == want for valid, want in certain), "the signer of these tests signs as Amazon does"
    # We refuse more: other topics, headers that disagree, Base64 with strange letters. Never less.
    lenient = [request for request, taken, valid in zip(lines, ours, theirs) if taken and not valid]
    assert not lenient, lenient[:3]
    assert sum(ours) > 500 and ours.count(False) > 1500


def test_amazons_validator_takes_what_the_cases_say(tmp_path):
    """Where only the message itself decides, it has to say of every case what the case says."""
    source = source_of("amazon_sns")
    names, bodies, wanted = [], [], []
    for path in sorted((HERE / "cases").glob("*.request.json")):
        name = path.name.removesuffix(".request.json")
        expected = json.loads((HERE / "cases" / f"{name}.expect.json").read_text())
        # Topics, headers, ages and certificates are ours to judge; the token of an UnsubscribeConfirmation it leaves out.
        if not name.startswith(("tampered-", "signed-", "version-", "text", "json", "subject-", "unicode", "subscription", "rotated")):
            continue
        names.append(name)
        bodies.append(json.loads(path.read_text())["body"])
        wanted.append(expected["outcome"] != "rejected")
    valid = validated(tmp_path, source["settings"]["certificates"], bodies)
    assert [name for name, said, want in zip(names, valid, wanted) if said != want] == []
    assert wanted.count(True) > 10 and wanted.count(False) > 8


def test_a_renewed_certificate_needs_nothing(tmp_path):
    """The same source, a message signed by a key that came later, its certificate under an URL of its own."""
    module, source = requests_of("amazon_sns"), source_of("amazon_sns")
    (first, _), (second, renewed) = made_key("sns.amazonaws.com"), made_key("sns.amazonaws.com")
    source["credentials"] = [{"signing_key": first}, {"signing_key": second}]
    url = module.HOST + "SimpleNotificationService-renewed.pem"
    requests = [module.sign({"name": "renewed", "message": "hi", "key": key, "url": url}, source) for key in (0, 1)]
    lines = [line("amazon_sns", *request) for request in requests]
    for certificates, wanted in (({}, ["key_unavailable"] * 2), ({url: renewed}, ["bad_signature", None])):
        source["settings"]["certificates"] = certificates
        (tmp_path / "source.json").write_text(json.dumps(source))
        assert [answer["code"] for answer in verdicts("amazon_sns", lines, str(tmp_path / "source.json"))] == wanted
