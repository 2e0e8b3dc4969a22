#include "pages.hpp"

#include "graph_write.hpp"
#include "ids.hpp"
#include "page_assets.hpp"
#include "page_items.hpp"
#include "page_shapes.hpp"
#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::simulator {
using base::escape_html;
namespace {

http::Response with_security(http::Response response)
{
    response.headers.set("Content-Security-Policy",
                         "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
                         "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "same-origin");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

http::Response html(int status, std::string body)
{
    return with_security(http::Response::text(status, std::move(body), "text/html; charset=utf-8"));
}

std::string document(const std::string& title, const std::string& header, const std::string& main)
{
    return "<!doctype html><html lang=\"it\"><head><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" +
           escape_html(title) + "</title><link rel=\"stylesheet\" href=\"/assets/simulator.css\"></head><body><header><div>" + header +
           "</div></header><main>" + main + "</main><script src=\"/assets/simulator.js\"></script></body></html>";
}

std::string heading(const std::string& title, const std::string& subtitle)
{
    return "<div><h1>" + escape_html(title) + "</h1><p>" + subtitle + "</p></div>";
}

std::string platform_name(Platform platform)
{
    return platform == Platform::facebook ? "Facebook" : "X";
}

http::Response index_page(const World& world)
{
    std::string list = "<ul class=\"accounts\">";
    for (const auto& account : world.accounts()) {
        const auto shown = account.platform == Platform::facebook ? account.name : account.name + " @" + account.account;
        list += "<li><a data-testid=\"account\" href=\"" + page_path(account) + "\">" + escape_html(shown) + "</a> su " +
                platform_name(account.platform) + "</li>";
    }
    return html(200, document("Piattaforme simulate", heading("Piattaforme simulate", "Qui si scrive alle aziende come loro clienti."),
                              list + "</ul>"));
}

std::string option(const char* value, const char* text, const std::string& chosen)
{
    return std::string("<option value=\"") + value + "\"" + (chosen == value ? " selected" : "") + ">" + text + "</option>";
}

/// What a visitor has filled in.
struct Draft {
    std::string kind, author, text, in_reply_to, error;
};

std::string write_form(const Account& account, const Draft& draft)
{
    const bool facebook = account.platform == Platform::facebook;
    std::string form = "<form class=\"write\" id=\"write\" method=\"post\" enctype=\"multipart/form-data\" action=\"" + page_path(account) +
                       "\" accept-charset=\"utf-8\"><h2>Scrivi come cliente</h2>";
    if (!draft.error.empty()) form += "<p class=\"error\" role=\"alert\">" + escape_html(draft.error) + "</p>";
    form += "<label>Il tuo nome<input name=\"author\" data-testid=\"author\" required maxlength=\"80\" "
            "autocomplete=\"off\" value=\"" +
            escape_html(draft.author) + "\"></label><label>Dove<select name=\"kind\" data-testid=\"kind\">";
    form += option("public", facebook ? "Sulla pagina, in pubblico" : "Un post pubblico", draft.kind);
    form += option("direct_message", "In un messaggio privato", draft.kind);
    form += "</select></label><label>Risponde a (facoltativo)<input name=\"in_reply_to\" id=\"in_reply_to\" "
            "data-testid=\"in-reply-to\" autocomplete=\"off\" value=\"" +
            escape_html(draft.in_reply_to) + "\"></label><label>Testo<textarea name=\"text\" id=\"text\" data-testid=\"text\">" +
            escape_html(draft.text) + "</textarea></label>";
    if (facebook) form += "<label>Foto o file (facoltativo)<input type=\"file\" name=\"file\" data-testid=\"file\"></label>";
    return form + "<button data-testid=\"submit\">Pubblica</button></form>";
}

http::Response render_page(const House& house, std::size_t index, int status, const Draft& draft)
{
    const auto& account = house.world.accounts()[index];
    const bool facebook = account.platform == Platform::facebook;
    const auto subtitle = (facebook ? "Pagina Facebook" : "Profilo X @" + escape_html(account.account)) +
                          std::string(", simulata &middot; <a href=\"/\">tutte le pagine</a>");
    const auto header = avatar_html(account.name) + "<div><h1>" + escape_html(account.name) + "</h1><p>" + subtitle +
                        "</p><nav><a href=\"#public\">Post</a><a href=\"#private\">Messaggi</a><a href=\"#write\">Scrivi</a></nav></div>";
    return html(status,
                document(account.name, header,
                         write_form(account, draft) + "<div id=\"items\" data-testid=\"items\">" + render_items(house, index) + "</div>"));
}

/// Where a caller reaches the simulator: "http://127.0.0.1:8090".
std::string origin_of(const http::Request& request)
{
    return (request.secure ? "https://" : "http://") + std::string(request.headers.find("Host").value_or("127.0.0.1"));
}

/// A file that somebody sent. Only what a browser shows without risk is shown; the rest is for saving.
http::Response file_answer(const UploadedFile& file)
{
    constexpr std::string_view shown[] = {"image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4", "audio/mpeg"};
    const bool safe = std::ranges::find(shown, file.media_type) != std::end(shown);
    auto response = with_security(http::Response::text(200, file.bytes, safe ? file.media_type : "application/octet-stream"));
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
    if (!safe) response.headers.set("Content-Disposition", "attachment");
    return response;
}

} // namespace

std::optional<http::Response> Pages::serve(const http::Request& request)
{
    const std::string_view path = request.path;
    if (path == "/") return index_page(house_.world);
    if (path == "/favicon.ico") return with_security(http::Response::empty());
    if (path == "/assets/simulator.css") {
        return with_security(http::Response::text(200, std::string(page_css), "text/css; charset=utf-8"));
    }
    if (path == "/assets/simulator.js") {
        return with_security(http::Response::text(200, std::string(page_js), "text/javascript; charset=utf-8"));
    }
    if (path.starts_with("/media/")) {
        const auto* file = house_.files.find(request.target);
        return file ? file_answer(*file) : html(404, document("Non trovato", heading("Non trovato", "Questo file non c'è più."), ""));
    }
    const bool facebook = path.starts_with("/facebook/");
    if (!facebook && !path.starts_with("/x/")) return std::nullopt;

    auto name = path.substr(facebook ? 10 : 3);
    const auto slash = name.find('/');
    const auto what = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
    name = name.substr(0, slash);
    const auto account = house_.world.find_account(facebook ? Platform::facebook : Platform::twitter, name);
    const bool posts = request.method == http::Method::post;
    const bool known = what.empty() || what == "items" || (posts && (what == "edit" || what == "delete"));
    if (!account || !known)
        return html(404, document("Pagina non trovata", heading("Pagina non trovata", "<a href=\"/\">Tutte le pagine</a>"), ""));
    if (what == "items") return html(200, render_items(house_, *account));
    if (what == "edit" || what == "delete") return change(request, *account, what == "delete");
    return posts ? write(request, *account) : account_page(request, *account);
}

http::Response Pages::account_page(const http::Request& request, std::size_t account)
{
    Draft draft;
    draft.author = request.query.find("author").value_or("");
    draft.kind = request.query.find("kind").value_or("");
    draft.in_reply_to = request.query.find("reply").value_or("");
    return render_page(house_, account, 200, draft);
}

http::Response Pages::write(const http::Request& request, std::size_t index)
{
    GraphInput form;
    try {
        form = read_graph_input(request);
    } catch (const GraphFailure&) {
        return render_page(house_, index, 422, {"", "", "", "", "Il modulo non si legge."});
    }
    const auto field = [&](const char* name) { return std::string(base::trim(base::clean_utf8(form.text(name)))); };
    Draft draft{field("kind"), field("author"), field("text"), field("in_reply_to"), {}};
    const auto& account = house_.world.accounts()[index];

    NewItem item;
    item.platform = account.platform;
    item.account = account.account;
    item.author = draft.author;
    item.text = draft.text;
    item.in_reply_to = draft.in_reply_to;
    if (draft.kind == "direct_message") {
        item.kind = Kind::direct_message;
    } else if (account.platform == Platform::facebook) {
        item.kind = draft.in_reply_to.empty() ? Kind::post : Kind::comment;
    } else {
        item.kind = Kind::mention;
        const auto handle = "@" + account.account; // as X's own reply box does
        if (ascii_lower(item.text).find(ascii_lower(handle)) == std::string::npos) item.text = handle + " " + item.text;
    }
    if (const auto file = form.files.find("file"); file != form.files.end() && !file->second.bytes.empty()) {
        item.media.push_back(stored_media(house_, file->second, origin_of(request)));
    }
    const auto id = house_.world.write(item, house_.clock.now());
    if (!id) {
        draft.error = id.error().fields().empty() ? id.error().what() : id.error().fields().front().detail;
        return render_page(house_, index, 422, draft);
    }
    auto response = http::Response::empty(303);
    response.headers.set("Location", page_path(account) + "?author=" + http::percent_encode(draft.author) +
                                         "&kind=" + http::percent_encode(draft.kind));
    return with_security(std::move(response));
}

http::Response Pages::change(const http::Request& request, std::size_t index, bool erase)
{
    const auto form = http::Parameters::parse(request.body);
    const auto id = std::string(form.find("id").value_or(""));
    const auto& account = house_.world.accounts()[index];
    const auto* item = house_.world.find(account.platform, id);
    Draft draft;
    if (!item || item->account != index || item->own || item->deleted) {
        draft.error = "Questo testo non c'è più.";
        return render_page(house_, index, 422, draft);
    }
    if (erase) {
        (void)house_.world.erase(id, house_.clock.now());
    } else if (const auto next = house_.world.edit(id, std::string(base::trim(form.find("text").value_or(""))), house_.clock.now());
               !next) {
        draft.error = next.error().fields().empty() ? next.error().what() : next.error().fields().front().detail;
        return render_page(house_, index, 422, draft);
    }
    auto response = http::Response::empty(303);
    response.headers.set("Location", page_path(account) + "?author=" + http::percent_encode(item->author) +
                                         (erase ? "" : "#i-" + http::percent_encode(item->now().id)));
    return with_security(std::move(response));
}

} // namespace sportello::simulator
