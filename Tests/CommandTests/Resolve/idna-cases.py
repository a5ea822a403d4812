#!/usr/bin/env python3
"""Makes idna.txt, with the package idna of PyPI as judge: ./idna-cases.py > idna.txt"""
import random, unicodedata
import idna

both = """bücher faß königsgäßchen straße.ελλάς βόλος.com ελληνικός l·l paral·lel ͵α 日本語 中華人民共和國 例え.テスト カ・カ
ドメイン名例 한국어 правда.рф україна тест ไทย தமிழ் भारत क्‍ष क्‌ष श्री नेपाल.test বাংলা ශ්‍රී ਭਾਰਤ ગુજરાત తెలుగు ಕನ್ನಡ മലയാളം ქართული
հայերեն አማርኛ ខ្មែរ ລາວ မြန်မာ ישראל ישראל.test פ״ס ל׳ייב إختبار.موقع نامه‌ای می‌خواهم بيت‌نا ایران پاکستان ʻokina ơi việt łódź
ᏣᎳᎩ ߒߞߏ ܣܘܪܝܝܐ 他们为什么不说中文 почемужеонинеговорятпорусски a.ישראל ישראל.b9 ۱۲۳ب ا١ ا۱ א1 אa-b.bücher ａ１ø
𐐨𐐩 𝐚ü 𠀀 𪚥 ﷺ ß ς ア゙ ー々 〇七 a〇 ü-ü ü--ü ü1""".split()
typed = """BÜCHER Faß ＢＵＣＨＥＲü Ωmega ÀÉ ẞß 日本。テスト 日本｡テスト ｱｲｳ ｶﾞﾊﾟ ﾄﾞﾒｲﾝ u\u0308ber A\u030AB é.EXAMPLE ＸN．ü Ǆ İ""".split()
refused = """a·b l· ·l·l 💩 ☃ ♥.test ½x ²x ﬀ a͵ α͵ ׳א a׳ ・x a・b ١۱ا ا١۱ א١1 אa aא 1א ١ -ü ü- ab--ü \u0300a ُا \u093Fक
a\u200Db a\u200Cb \u200Cا ا\u200Cب ب\u200C ء\u200Cب ـا ߺߒ 〱々 ㆍ ᄀ ü_ü ü\u2060b ü\uFE0F \u00ADü ẋ\u0323 a⃣ 𝄞a ℡ǡ ①a ⅷa ǡ! א-
\u064Bب א१ a१-א""".split()

def encoded(name):
    try: return ".".join(idna.alabel(label).decode() if not label.isascii() else label for label in name.split("."))
    except (idna.IDNAError, UnicodeError): return None

def raw(label): return "xn--" + label.encode("punycode").decode()

def decoded(name):
    try: return idna.ulabel(name) if encoded(idna.ulabel(name)) == name else None
    except (idna.IDNAError, UnicodeError, IndexError): return None

lines = []
for name in both + refused:
    if encoded(name): lines.append(f"= {name} {encoded(name)}")
    else:
        # What is typed may be mapped to something else; what comes may not.
        if unicodedata.normalize("NFKC", name).lower() == name: lines.append(f"x {name}")
        if len(raw(name)) < 64 and raw(name)[-1] != "-": lines.append(f"! {raw(name)}")
for name in typed:
    meant = name.lower() if name not in ("ẞß",) else "ßß"
    meant = meant.replace("。", ".").replace("｡", ".")
    meant = "".join(unicodedata.normalize("NFKC", c) if 0xFF00 <= ord(c) < 0xFFF0 else c for c in meant)
    meant = unicodedata.normalize("NFC", meant)
    lines.append(f"> {name} {encoded(meant)}" if encoded(meant) else f"x {name}")
# With a label from right to left, the others must keep their places (RFC 5893 §2).
for name in ["1a.ישראל", "_sip.ישראל", "a-1.ישראל.b"]:
    coded = ".".join(raw(label) if not label.isascii() else label for label in name.split("."))
    lines.append(f"! {coded}" if not name.startswith("a") else f"= {name} {coded}")
for coded in ["xn--", "xn--a", "xn--9999999999", "xn---epa", "xn--bcher-KVA-", "xn--abc-", "xn--fa-hia-", "xn--99zzzzzzzz99a"]:
    lines.append(f"= {decoded(coded)} {coded}" if decoded(coded) else f"! {coded}")
random.seed(5892)
points = [c for c in range(0x80, 0x30000) if unicodedata.category(chr(c)) not in ("Cn", "Co", "Cs")
          and not 0x3400 <= c < 0xA000 and not 0xAC00 <= c < 0xD7A4 and not 0x17000 <= c < 0x18D09 and not 0x20000 <= c]
for c in random.sample(points, 600):
    label = "a" + chr(c) + "a" if unicodedata.bidirectional(chr(c)) not in ("R", "AL", "AN") else chr(0x5D0) + chr(c) + chr(0x5D0)
    lines.append(f"= {label} {encoded(label)}" if encoded(label) else f"! {raw(label)}")
print("""# Names with other characters than ASCII, judged by the package idna of PyPI. Made by idna-cases.py.
# = U-label A-label: each stands for the other     > typed A-label: what is asked for
# x typed: is refused                              ! A-label: is shown as it is, for it has no lawful U-label""")
print("\n".join(dict.fromkeys(lines)))
