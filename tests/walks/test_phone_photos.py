"""A photo taken without network: small, sealed, after its visit, once; what is refused is shown."""

from __future__ import annotations

import struct
import zlib
from uuid import UUID

import pytest

from domain.event import event_id
from infra.web.recording import SOURCE

pytestmark = pytest.mark.long

WHERE = b"GPS 26.87N 104.28E"
NO_PICTURE = """HTMLCanvasElement.prototype.toBlob = function (done) {
    done(new Blob(['MZ is no picture']))
}"""
SEALED = """() => new Promise(done => {
    const asked = indexedDB.open('shouhe-phone')
    asked.onsuccess = () => {
        const all = asked.result.transaction('pictures').objectStore('pictures').getAll()
        all.onsuccess = () => {
            asked.result.close()
            done(all.result.map(({ sealed: { bytes } }) => [...bytes.slice(0, 4), bytes.length]))
        }
    }
})"""
SIDES = """async address => {
    const picture = await createImageBitmap(await (await fetch(address)).blob())
    return [picture.width, picture.height]
}"""


def png(width: int = 2400, height: int = 1600) -> bytes:
    """As large as a camera makes it, and saying where it was taken."""

    def chunk(name: bytes, body: bytes) -> bytes:
        checked = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + checked

    rows = b"".join(
        b"\0" + bytes((x * y // 7) % 256 for x in range(width) for _ in range(3))
        for y in range(0, height, 50)
        for _ in range(1)
    )  # fmt: skip
    rows = b"".join(rows[at : at + 1 + 3 * width] * 50 for at in range(0, len(rows), 1 + 3 * width))
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"tEXt", b"Where\0" + WHERE)
        + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )  # fmt: skip


@pytest.fixture
def own(county, network, visitor, phone):
    """A director's phone that is set up."""
    context = visitor("", address=network.address)
    context.add_cookies(county.cookie("director", network.address))
    return phone(context.new_page(), network.address).begin()


def of(county, visit: str) -> list[dict[str, str]]:
    """What the log says of photos of a visit."""
    about = str(event_id(f"{SOURCE}/w-7", visit))
    found = county.stored("attachment.added", "w-7")
    return [each for each in found if each["data"].get("about") == about]


def test_a_photo_taken_without_network_is_there_once_with_its_visit(own, network, county) -> None:
    context = own.page.context
    network.turn("down")
    context.set_offline(True)
    made = [own.record(number, photo=png(), note=f"第{number}次") for number in range(2)]
    plain = own.record(2)
    assert "2 张照片等待发送" in own.page.inner_text("#state")
    kept = own.page.evaluate(SEALED)
    assert len(kept) == 2
    assert all(each[:3] != [0xFF, 0xD8, 0xFF] and 1_000 < each[4] < 400_000 for each in kept)
    own.open().unlock()
    assert set(made) < own.waiting()
    for way in ("deaf", "down", "deaf", "up"):
        network.turn(way)
        context.set_offline(False)
        own.page.wait_for_timeout(1_200)
        if way != "up":
            context.set_offline(True)
    own.until_sent()
    assert network.lost > 0
    assert own.stored("pictures") == []
    for visit in made:
        (event,) = of(county, visit)
        (there,) = [e for e in county.stored("visit.completed", "w-7") if e["id"] == visit]
        assert event["subject"] == there["subject"]
        folder = county.home / "attachments" / event["subject"]
        assert event["data"]["sealed"] in {each.name for each in folder.iterdir()}
    assert of(county, plain) == []


def test_a_photo_is_on_the_childs_file_small_and_without_where_it_was_taken(
    own, county, network
) -> None:
    visit = own.record(0, photo=png())
    own.until_sent()
    (event,) = of(county, visit)
    page = own.page
    link = f"/children/{event['subject']}/attachments/{event['data']['sealed']}"
    for _ in range(40):
        page.goto(f"/children/{event['subject']}")
        if page.locator(f"a[href='{link}']").count():
            break
        page.wait_for_timeout(500)
    assert "属于:入户走访" in page.inner_text("main")
    content = page.context.request.get(f"{network.address}{link}").body()
    assert content.startswith(b"\xff\xd8\xff")
    assert WHERE not in content
    assert len(content) < 400_000
    page.goto("/phone")
    assert page.evaluate(SIDES, link) == [1280, 853]


def test_a_refused_photo_is_shown_and_its_visit_is_sent(own, county, network) -> None:
    page = own.page
    page.add_init_script(NO_PICTURE)
    own.open().unlock()
    visit = own.record(0, photo=png(300, 200))
    page.wait_for_selector("#state a:has-text('1 张照片没有被接收')")
    after = own.record(1)
    own.until_sent()
    there = [each["id"] for each in county.stored("visit.completed", "w-7")]
    assert (there.count(visit), there.count(after)) == (1, 1)
    assert of(county, visit) == []
    page.click("#state a:has-text('1 张照片没有被接收')")
    page.wait_for_selector("text=只收照片")
    page.on("dialog", lambda each: each.accept())
    page.click("button:has-text('不要这张')")
    page.wait_for_selector("#state:has-text('登记的都已发送')")
    assert own.stored("pictures") == []


def test_a_photo_comes_with_the_form_on_the_page_where_no_script_runs(visitor, county) -> None:
    page = visitor("director").new_page()
    child = county.listed[0]
    page.goto(f"/children/{child}/record/visit.completed.v1")
    page.check("input[name=child_seen]")
    page.set_input_files("#photo", {"name": "灶台.png", "mimeType": "image/png", "buffer": png()})
    page.click("main button[type=submit]")
    page.wait_for_url(f"**/children/{child}?**")
    assert "照片已加密保存" in page.inner_text("main")
    visit = county.stored("visit.completed", "w-7")[-1]
    (event,) = of(county, visit["id"])
    assert UUID(event["subject"]) == UUID(child)


def test_of_a_child_that_was_forgotten_meanwhile_nothing_stays_on_the_phone(
    own, county, network, visitor
) -> None:
    context, officer = own.page.context, visitor("county_officer").new_page()
    network.turn("down")
    context.set_offline(True)
    visit = own.record(-3, photo=png(300, 200), note="外婆说孩子夜里常哭")
    line = own.page.locator(".list > .line h2 a").nth(-3)
    child = (line.get_attribute("href") or "").rpartition("/")[2]
    officer.goto(f"/children/{child}/erasure")
    word = officer.locator("input[name=csrf]").first.get_attribute("value")
    done = officer.context.request.post(
        f"/children/{child}/erasure", form={"csrf": word, "basis": "unlawful", "sure": "yes"}
    )
    assert done.ok
    network.turn("up")
    context.set_offline(False)
    own.until_sent()
    assert [own.stored(name) for name in ("outbox", "photos", "pictures")] == [[], [], []]
    assert visit not in {each["id"] for each in county.stored("visit.completed", "w-7")}
    own.page.evaluate("location.hash = '#/outbox'")
    own.page.wait_for_selector("text=这个孩子的信息已按规定删除")
