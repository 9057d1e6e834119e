"""WeCom (企业微信): one self-built app of one organisation."""
