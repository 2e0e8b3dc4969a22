#include "graph.hpp"

#include "errors.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/log.hpp>

#include <algorithm>

namespace sportello::connectors::facebook {
namespace {

/// Where the path begins in an absolute address; npos when there is no path.
std::size_t path_start(std::string_view url)
{
    const auto scheme = url.find("://");
    return url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
}

/// Inside a part's header: nothing that would end the quotes or the line.
std::string in_quotes(std::string_view text)
{
    std::string safe;
    for (const char c : text) safe += c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ' ? '_' : c;
    return '"' + safe + '"';
}

std::string media_type(std::string_view text)
{
    const bool fits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '"'; });
    return fits ? std::string(text) : "application/octet-stream";
}

/// A line that stands nowhere in the file: made from all of it, and looked for.
std::string boundary_for(const std::string& bytes)
{
    std::string boundary = "sportello-" + base::sha256_hex(bytes).substr(0, 32);
    while (bytes.find(boundary) != std::string::npos) boundary += 'x';
    return boundary;
}

std::string multipart(const http::Parameters& form, const std::string& part, const OutgoingFile& file, const std::string& boundary)
{
    std::string body;
    const auto begin = [&](const std::string& name) {
        body += "--" + boundary + "\r\nContent-Disposition: form-data; name=" + in_quotes(name);
    };
    for (const auto& [name, value] : form) {
        begin(name);
        body += "\r\n\r\n" + value + "\r\n";
    }
    begin(part);
    // Without its own Content-Type Facebook answers "(#200) Permissions error".
    body +=
        "; filename=" + in_quotes(file.name.empty() ? "file" : file.name) + "\r\nContent-Type: " + media_type(file.media_type) + "\r\n\r\n";
    body += file.bytes;
    return body + "\r\n--" + boundary + "--\r\n";
}

} // namespace

Graph::Graph(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock, std::shared_ptr<App> app)
    : channel_(settings.id), app_secret_(settings.credentials.app_secret), store_(settings.token_store), page_(settings.account),
      base_url_(settings.api_base), origin_(settings.api_base.substr(0, path_start(settings.api_base))), transport_(transport),
      clock_(clock), app_(std::move(app)), budget_(settings.money)
{
    for (const char* whose : {"percent of the Page", "percent of the app"}) budget_.expect(whose, "1 h", 100, std::chrono::hours(1), true);
    take_token(!store_ ? settings.credentials.access_token : settings.tokens ? settings.tokens->access_token : "");
}

void Graph::take_token(std::string token)
{
    token_ = std::move(token);
    refused_ = false;
    if (token_.size() >= 8) base::hide_in_logs(token_);
    if (app_secret_.empty()) return;
    proof_ = base::hmac_sha256_hex(app_secret_, token_);
    base::hide_in_logs(proof_);
}

boost::asio::awaitable<void> Graph::look_for_token()
{
    if (!store_ || (!token_.empty() && !refused_)) co_return;
    auto stored = co_await store_->load(channel_);
    store_trouble_ = stored ? "" : stored.error().what();
    if (!stored || !*stored || (*stored)->kind != Tokens::Kind::facebook_page) co_return;
    if ((*stored)->access_token != token_) take_token((*stored)->access_token);
}

/// A token of the store is mended by a command: that is said instead of where to put a new one.
void Graph::note_refusal(Answer& answer)
{
    if (!store_ || answer.success() || !answer.arrived()) return;
    ChannelTrouble trouble = trouble_of_read(answer, clock_.now());
    if (trouble.state != ChannelTrouble::State::needs_authorisation) return;
    refused_ = true;
    trouble.reason += " Run `sportello channel connect " + channel_ + "`.";
    answer.obstacle = std::move(trouble);
}

void Graph::add_proof(http::Parameters& parameters) const
{
    if (!proof_.empty()) parameters.add("appsecret_proof", proof_);
}

boost::asio::awaitable<Answer> Graph::send(http::ClientRequest request)
{
    if (token_.empty()) {
        co_return not_asked(
            store_trouble_.empty()
                ? ChannelTrouble{ChannelTrouble::State::needs_authorisation,
                                 "This channel has no token yet: run `sportello channel connect " + channel_ + "`",
                                 {}}
                : ChannelTrouble{ChannelTrouble::State::misconfigured, "The stored token cannot be used: " + store_trouble_, {}});
    }
    request.headers.set("Authorization", "Bearer " + token_);
    request.headers.set("Accept", "application/json");
    budget_.sent("calls", clock_.now());
    http::Exchange exchange = co_await transport_.send(std::move(request));
    Answer answer = read_answer(std::move(exchange));
    note(answer);
    note_refusal(answer);
    co_return answer;
}

void Graph::note(const Answer& answer)
{
    const Instant now = clock_.now();
    app_->note(page_, answer, now);
    if (!answer.arrived()) return;
    if (const auto version = answer.headers.find("facebook-api-version"); version && version->size() < 10) version_ = *version;
    using namespace std::chrono_literals;
    for (const auto& [whose, percent] : {std::pair("percent of the Page", page_usage_percent(answer.headers, page_)),
                                         std::pair("percent of the app", app_usage_percent(answer.headers))}) {
        if (percent > 0) budget_.told(whose, "1 h", 100, 100 - percent, now + 1h, now);
    }
}

std::string Graph::notice() const
{
    const std::string asked = base_url_.substr(base_url_.rfind('/') + 1);
    const bool names_one = asked.size() > 1 && asked[0] == 'v' && asked[1] >= '0' && asked[1] <= '9';
    if (!names_one || version_.empty() || version_ == asked) return {};
    return "Facebook answers as " + version_ + ", although " + asked +
           " is asked for: that version has come to its end; put a living one into the address of the API";
}

boost::asio::awaitable<Answer> Graph::get(std::string path, http::Parameters query)
{
    add_proof(query);
    http::ClientRequest request;
    request.url = base_url_ + path;
    if (!query.empty()) request.url += "?" + query.encode();
    co_return co_await send(std::move(request));
}

boost::asio::awaitable<Answer> Graph::follow(std::string link)
{
    const auto path = path_start(link);
    const auto question = link.find('?');
    http::Parameters query;
    if (question != std::string::npos) {
        const http::Parameters given = http::Parameters::parse(std::string_view(link).substr(question + 1));
        for (const auto& [name, value] : given) {
            if (name != "access_token" && name != "appsecret_proof") query.add(name, value);
        }
    }
    add_proof(query);
    http::ClientRequest request;
    request.url =
        origin_ + (path == std::string::npos ? "/" : link.substr(path, question == std::string::npos ? question : question - path));
    if (!query.empty()) request.url += "?" + query.encode();
    co_return co_await send(std::move(request));
}

boost::asio::awaitable<Answer> Graph::post(std::string path, http::Parameters form, std::chrono::milliseconds deadline)
{
    add_proof(form);
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = base_url_ + path;
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = form.encode();
    request.deadline = deadline;
    request.fresh_connection = true;
    co_return co_await send(std::move(request));
}

boost::asio::awaitable<Answer> Graph::post_file(std::string path, http::Parameters form, std::string part, OutgoingFile file,
                                                std::chrono::milliseconds deadline)
{
    add_proof(form);
    const std::string boundary = boundary_for(file.bytes);
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = base_url_ + path;
    request.headers.set("Content-Type", "multipart/form-data; boundary=" + boundary);
    request.body = multipart(form, part, file, boundary);
    request.deadline = deadline;
    request.fresh_connection = true;
    co_return co_await send(std::move(request));
}

boost::asio::awaitable<Answer> Graph::del(std::string path, std::chrono::milliseconds deadline)
{
    http::Parameters query;
    add_proof(query);
    http::ClientRequest request;
    request.method = http::Method::del;
    request.url = base_url_ + path;
    if (!query.empty()) request.url += "?" + query.encode();
    request.deadline = deadline;
    request.fresh_connection = true;
    co_return co_await send(std::move(request));
}

std::string next_link(const Json& edge)
{
    return text_of(member(member(edge, "paging"), "next"));
}

} // namespace sportello::connectors::facebook
