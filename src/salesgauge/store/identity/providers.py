"""Domains that say nothing of whose a thing is: of mail for everybody, and of sites on which everybody has a page."""

from __future__ import annotations

MAIL = frozenset({
    "126.com", "139.com", "163.com", "189.cn", "aliyun.com", "aol.com", "bk.ru", "fastmail.com", "foxmail.com", "free.fr",
    "gmail.com", "gmx.at", "gmx.ch", "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hinet.net", "hotmail.co.uk", "hotmail.com",
    "hotmail.de", "hotmail.fr", "icloud.com", "inbox.ru", "laposte.net", "libero.it", "list.ru", "live.co.uk", "live.com", "live.de",
    "live.fr", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr", "outlook.com", "outlook.de",
    "outlook.fr", "pchome.com.tw", "proton.me", "protonmail.ch", "protonmail.com", "qq.com", "rambler.ru", "rocketmail.com",
    "seznam.cz", "sina.cn", "sina.com", "sohu.com", "t-online.de", "tom.com", "tutanota.com", "ukr.net", "vip.163.com", "vip.qq.com",
    "vip.sina.com", "wanadoo.fr", "web.de", "wp.pl", "ya.ru", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.com.hk",
    "yahoo.com.tw", "yahoo.de", "yahoo.fr", "yandex.by", "yandex.com", "yandex.kz", "yandex.ru", "yeah.net", "ymail.com", "zoho.com"})
SITES = frozenset({
    "1688.com", "behance.net", "etsy.com", "facebook.com", "github.com", "instagram.com", "line.me", "linkedin.com", "linktr.ee",
    "medium.com", "ok.ru", "pinterest.com", "shopee.tw", "sites.google.com", "t.me", "taobao.com", "tiktok.com", "tmall.com",
    "twitter.com", "vk.com", "weibo.com", "x.com", "xing.com", "youtube.com"})
NOBODYS = MAIL | SITES
