// Files: what customers sent, and what agents send.
#include "context.hpp"
#include "files_json.hpp"
#include "query.hpp"

#include <sportello/engine/attachments.hpp>
#include <sportello/http/message.hpp>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using engine::FileContent;
using http::Method;

/// RFC 6266: the name in ASCII for who knows nothing better, and as it is.
std::string disposition(std::string_view how, const std::string& name)
{
    std::string plain;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        plain += byte < 0x20 || byte > 0x7E || c == '"' || c == '\\' ? '_' : c;
    }
    return std::string(how) + "; filename=\"" + plain + "\"; filename*=UTF-8''" + http::percent_encode(name);
}

/// Nothing that comes from a customer runs here: a picture of the four kinds may be shown, all else is only saved; and
/// whatever a browser makes of it has no origin.
http::Response handed_out(FileContent file)
{
    http::Response response;
    response.headers.set("Content-Type", file.is_safe_image ? file.media_type : std::string("application/octet-stream"));
    response.headers.set("Content-Disposition", disposition(file.is_safe_image ? "inline" : "attachment", file.name));
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
    response.headers.set("Cache-Control", "no-store");
    response.body = std::move(file.bytes);
    return response;
}

/// POST /v1/tickets/{id}/uploads
awaitable<Answer> upload(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Query query(call.request.query);
    const auto name = query.text("name").value_or("");
    if (name.size() > 500) query.wrong("name", "at most 500 bytes expected");
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto type = call.request.headers.find("Content-Type").value_or("");
    if (!call.request.body.empty() && !type.starts_with("application/octet-stream"))
        co_return call.refuse({.status = 415,
                               .code = "unsupported_media_type",
                               .detail = "Send the file's bytes with Content-Type: application/octet-stream.",
                               .errors = {}});
    std::string file_name(name);
    auto order = command(call);
    std::string bytes = std::move(call.request.body);
    const auto kept =
        co_await context.engine.attachments().upload(domain::TicketId{*id}, std::move(file_name), std::move(bytes), std::move(order));
    if (!kept) co_return kept.error();
    std::string body;
    JsonWriter json(body);
    write_upload(json, *kept);
    co_return json_response(201, std::move(body));
}

/// GET /v1/attachments/{id}/content
awaitable<Answer> attachment_content(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto actor = call.caller->actor();
    auto file = co_await context.engine.attachments().of_message(*id, std::move(actor));
    if (!file) co_return file.error();
    co_return handed_out(std::move(*file));
}

/// GET /v1/uploads/{id}/content
awaitable<Answer> upload_content(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto actor = call.caller->actor();
    auto file = co_await context.engine.attachments().of_upload(*id, std::move(actor));
    if (!file) co_return file.error();
    co_return handed_out(std::move(*file));
}

} // namespace

std::span<const Route> file_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/tickets/{id}/uploads", Access::agent, upload, {.takes_bytes = true}},
        {Method::get, "/v1/attachments/{id}/content", Access::phone, attachment_content},
        {Method::get, "/v1/uploads/{id}/content", Access::phone, upload_content},
    };
    return routes;
}

} // namespace sportello::api
