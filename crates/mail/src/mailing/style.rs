//! How the blocks of Markdown look in a mail: styles at each element, for many mail programs read no style sheet, and
//! classes by which the layout changes them on narrow and dark screens.

pub(super) const PARAGRAPH: &str = "<p class=\"ink\" style=\"margin:0 0 16px;font-size:16px;line-height:25px;color:#1c2430;overflow-wrap:anywhere;\">";
pub(super) const LIST: &str = " class=\"ink\" style=\"margin:8px 0 16px;padding:0 0 0 26px;font-size:16px;line-height:25px;color:#1c2430;\">\n";
pub(super) const ITEM: &str = "<li style=\"margin:0 0 8px;padding:0 0 0 4px;overflow-wrap:anywhere;\">";
pub(super) const QUOTE: &str = "<blockquote class=\"line\" style=\"margin:0 0 16px;padding:2px 0 2px 16px;border-left:3px solid #d5dae1;\">\n";
pub(super) const CODE_BLOCK: &str = "<pre class=\"code\" style=\"margin:0 0 16px;padding:12px 16px;background:#f6f8fa;border:1px solid #d5dae1;border-radius:8px;font-family:ui-monospace,'SF Mono',Menlo,Consolas,monospace;font-size:14px;line-height:21px;color:#11161d;white-space:pre-wrap;overflow-wrap:anywhere;\">";
pub(super) const CODE: &str =
    "<code style=\"font-family:ui-monospace,'SF Mono',Menlo,Consolas,monospace;font-size:15px;\">";
pub(super) const RULE: &str = "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td class=\"line\" style=\"padding:8px 0 0;border-bottom:1px solid #e0e4ea;font-size:1px;line-height:1px;\">&nbsp;</td></tr><tr><td style=\"height:20px;font-size:1px;line-height:20px;\">&nbsp;</td></tr></table>\n";

/// Before and behind the address of a link within text.
pub(super) const LINK: (&str, &str) = (
    "<a class=\"ink\" href=\"",
    "\" style=\"color:#1c2430;text-decoration:underline;text-underline-offset:2px;\">",
);
/// The same for an address that stands for itself.
pub(super) const ADDRESS: (&str, &str) = (
    "<a class=\"ink\" href=\"",
    "\" style=\"color:#1c2430;text-decoration:underline;overflow-wrap:anywhere;word-break:break-word;\">",
);
/// Before the address, before the words and behind the words of a link that stands alone.
pub(super) const BUTTON: (&str, &str, &str) = (
    "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" class=\"wide\">\n<tr><td class=\"go\" bgcolor=\"{{ accent }}\" style=\"background:{{ accent }};border-radius:8px;\">\n<a class=\"go\" href=\"",
    "\" style=\"display:inline-block;padding:14px 30px;font-size:16px;line-height:22px;font-weight:600;color:{{ on_accent }};text-decoration:none;border-radius:8px;\">",
    "</a>\n</td></tr>\n<tr><td style=\"height:20px;font-size:1px;line-height:20px;\">&nbsp;</td></tr>\n</table>\n",
);
/// Around a password that stands alone.
pub(super) const PASSWORD: (&str, &str) = (
    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"word\" align=\"center\" translate=\"no\" style=\"padding:20px 12px;background:#f6f8fa;border:1px solid #d5dae1;border-radius:10px;font-family:ui-monospace,'SF Mono',Menlo,Consolas,'Liberation Mono','Courier New',monospace;font-size:23px;line-height:32px;font-weight:600;letter-spacing:0.5px;color:#11161d;word-break:break-all;-webkit-user-select:all;user-select:all;\">",
    "</td></tr>\n<tr><td style=\"height:16px;font-size:1px;line-height:16px;\">&nbsp;</td></tr>\n</table>\n",
);
/// Around a password within text.
pub(super) const PASSWORD_INLINE: (&str, &str) = (
    "<strong translate=\"no\" style=\"font-family:ui-monospace,'SF Mono',Menlo,Consolas,monospace;word-break:break-all;-webkit-user-select:all;user-select:all;\">",
    "</strong>",
);

/// A heading of a level.
pub(super) fn heading(level: u8) -> (&'static str, &'static str) {
    match level {
        1 => (
            "<h1 class=\"ink\" style=\"margin:0 0 16px;font-size:26px;line-height:34px;font-weight:700;letter-spacing:-0.2px;color:#1c2430;overflow-wrap:anywhere;\">",
            "</h1>\n",
        ),
        2 => (
            "<h2 class=\"ink\" style=\"margin:8px 0 12px;font-size:20px;line-height:28px;font-weight:700;color:#1c2430;overflow-wrap:anywhere;\">",
            "</h2>\n",
        ),
        _ => (
            "<h3 class=\"ink\" style=\"margin:4px 0 8px;font-size:17px;line-height:25px;font-weight:700;color:#1c2430;overflow-wrap:anywhere;\">",
            "</h3>\n",
        ),
    }
}
