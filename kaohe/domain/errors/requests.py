"""Refusals of a request, whatever it was about."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class NotFound(KaoheError):
    """The address names nothing that exists."""

    http_code = 404
    text = "没有找到您要的页面，请检查网址，或返回首页。"


class BodyTooLarge(KaoheError):
    """The request is larger than any honest one."""

    http_code = 413
    text = "提交的内容过大，未予接收。请精简后重试。"


class HostUnknown(KaoheError):
    """The request asks for a name that is not this server's."""

    http_code = 400
    text = (
        "这个网址不是本服务器的网址，请扫描票上的二维码，或使用服务器启动时显示的网址。"
        "如需使用别的域名，请会务人员在 KAOHE_HOSTS 中写明。"
    )


class FieldInvalid(KaoheError):
    """A value typed by an organizer is out of its bounds; the message names it."""

    http_code = 422
    text = "填写的内容不符合要求，请核对后再保存。"
