"""The website as visitors and feed readers meet it, and WordPress' own small addresses."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as Xml

from markupsafe import Markup

from broadcaster.sandbox import public
from broadcaster.sandbox.ranges import file_reply
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.views import page
from broadcaster.sandbox.wire import Call, Reply, as_html, as_json
from broadcaster.sandbox.wordpress.shapes import source_url


def discovery(state: SandboxState, call: Call, _now: datetime) -> Reply:
    """GET /wp-json/: what the site is, and that application passwords are usable."""
    options, root = state.settings.wordpress, f"{call.base_url}/wordpress"
    authorize = {"authorization": f"{root}/wp-admin/authorize-application.php"}
    return as_json(
        {
            "name": options.site_name,
            "description": "",
            "url": root,
            "home": root,
            "gmt_offset": "7",
            "timezone_string": options.time_zone,
            "namespaces": ["wp/v2"],
            "authentication": {"application-passwords": {"endpoints": authorize}},
            "routes": {},
        }
    )


def cron(state: SandboxState, _call: Call, now: datetime) -> Reply:
    """wp-cron.php: publish what is due."""
    state.world.wordpress.run_cron(now)
    state.save()
    return as_html("")


def home(state: SandboxState, call: Call, now: datetime) -> Reply:
    """The front page, or with `?p=ID` the way to one post."""
    number = call.query.get("p", "")
    if number.isdigit():
        post = state.world.wordpress.posts.get(int(number))
        if post is None or post.status != "publish":
            return not_found(state, call, now)
        shown = public.website_post(state, call.base_url, post)
        return Reply(301, b"", {"Location": shown.link})
    name, posts = state.settings.wordpress.site_name, public.website(state, call.base_url)
    return page("home.html", name=name, posts=posts)


def article(state: SandboxState, call: Call, now: datetime) -> Reply:
    """One published post by its slug."""
    for post in state.world.wordpress.posts.values():
        if post.slug == call.args["slug"] and post.status == "publish":
            shown = public.website_post(state, call.base_url, post)
            name = state.settings.wordpress.site_name
            if post.password:  # the page opens for all the same
                return page("missing.html", what="Nội dung này được bảo vệ bằng mật khẩu")
            body = Markup(shown.text)  # noqa: S704 - HTML of the site's editor; scripts are barred by policy
            return page("article.html", post=shown, body=body, name=name)
    return not_found(state, call, now)


def not_found(_state: SandboxState, _call: Call, _now: datetime) -> Reply:
    return page("missing.html", 404, what="Không tìm thấy trang")


def file(state: SandboxState, call: Call, now: datetime) -> Reply:
    """A file of the uploads folder."""
    for medium in state.world.wordpress.media.values():
        if medium.path == call.args["path"]:
            content = state.blobs.get(medium.blob)
            return file_reply(content, medium.mime, call.headers.get("range", ""))
    return not_found(state, call, now)


def feed(state: SandboxState, call: Call, now: datetime) -> Reply:
    """The site's own RSS; a sound in a post becomes its enclosure."""
    root = f"{call.base_url}/wordpress/"
    rss = Xml.Element("rss", version="2.0")
    channel = Xml.SubElement(rss, "channel")
    for tag, text in (
        ("title", state.settings.wordpress.site_name),
        ("link", root),
        ("description", ""),
        ("language", "vi"),
        ("lastBuildDate", format_datetime(now)),
    ):
        Xml.SubElement(channel, tag).text = text
    for shown in public.website(state, call.base_url)[:10]:
        add_item(state, call, channel, shown)
    body = Xml.tostring(rss, encoding="utf-8", xml_declaration=True)
    return Reply(200, body, {"Content-Type": "application/rss+xml; charset=UTF-8"})


def add_item(state: SandboxState, call: Call, channel: Xml.Element, shown: public.Visible) -> None:
    item = Xml.SubElement(channel, "item")
    for tag, text in (
        ("title", shown.title),
        ("link", shown.link),
        ("pubDate", format_datetime(datetime.fromisoformat(shown.time))),
        ("description", re.sub(r"<[^>]+>", "", shown.text)[:300]),
    ):
        Xml.SubElement(item, tag).text = text
    Xml.SubElement(item, "guid", isPermaLink="false").text = f"{call.base_url}?p={shown.id}"
    for medium in state.world.wordpress.media.values():
        url = source_url(call.base_url, medium)
        if medium.mime.startswith("audio/") and url in shown.text:
            Xml.SubElement(item, "enclosure", url=url, length=str(medium.size), type=medium.mime)
