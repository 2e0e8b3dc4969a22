#include "html_page.hpp"

#include <sportello/base/text.hpp>

namespace sportello::api {

// Browsers name their languages in the order of preference; the weights beside them only repeat it.
PageLanguage page_language(const http::Request& request)
{
    std::string_view rest = request.headers.find("Accept-Language").value_or("");
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        std::string_view one = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        while (one.starts_with(' ')) one.remove_prefix(1);
        const auto primary = one.substr(0, one.find_first_of("-; "));
        if (primary == "it") return PageLanguage::italian;
        if (primary == "en") return PageLanguage::english;
    }
    return PageLanguage::english;
}

http::Response html_page(int status, std::string_view title, const std::string& html, PageLanguage language)
{
    const std::string name = base::escape_html(title);
    auto page = http::Response::text(status,
                                     std::string("<!doctype html>\n<html lang=\"") + (language == PageLanguage::italian ? "it" : "en") +
                                         "\">\n<meta charset=\"utf-8\">\n"
                                         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
                                         name + " – Sportello</title>\n<main>\n<h1>" + name + "</h1>\n" + html + "</main>\n</html>\n",
                                     "text/html; charset=utf-8");
    page.headers.set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    page.headers.set("Cache-Control", "no-store");
    return page;
}

} // namespace sportello::api
