#include "mailer.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/text.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <curl/curl.h>

#include <algorithm>
#include <ctime>
#include <memory>

namespace sportello::app {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr long connect_seconds = 10;
constexpr long whole_seconds = 30;

struct GlobalCurl {
    GlobalCurl() { curl_global_init(CURL_GLOBAL_DEFAULT); }
};

/// Before the first thread of ours uses it.
void set_up_curl()
{
    static const GlobalCurl once;
}

std::string date_header(base::Instant at)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                  utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    return text;
}

std::string one_line(std::string_view text)
{
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
    return line;
}

class List {
public:
    ~List() { curl_slist_free_all(list_); }
    List() = default;
    List(const List&) = delete;
    List& operator=(const List&) = delete;
    void add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
    [[nodiscard]] curl_slist* get() const { return list_; }

private:
    curl_slist* list_ = nullptr;
};

std::string host_of(const std::string& address)
{
    return address.substr(address.find('@') + 1);
}

void add_headers(List& headers, const Mail& mail, const MailSettings& settings)
{
    headers.add("Date: " + date_header(mail.at));
    headers.add("From: Sportello <" + settings.from + ">");
    headers.add("To: <" + mail.to + ">");
    headers.add("Subject: " + encode_header(one_line(mail.subject)));
    headers.add("Auto-Submitted: auto-generated"); // out-of-office answers keep quiet
    if (mail.id.empty()) return;
    headers.add("Message-ID: <" + mail.id + "@" + host_of(settings.from) + ">");
    if (mail.thread.empty() || mail.thread == mail.id) return;
    headers.add("In-Reply-To: <" + mail.thread + "@" + host_of(settings.from) + ">");
    headers.add("References: <" + mail.thread + "@" + host_of(settings.from) + ">");
}

} // namespace

bool is_mail_address(std::string_view text)
{
    const std::size_t at = text.find('@');
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f' && std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
    });
    return plain && text.size() <= 254 && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos;
}

std::string encode_header(std::string_view text)
{
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
    if (ascii && text.size() <= 900) return std::string(text);
    constexpr std::size_t most = 42; // of bytes in one encoded word of at most 75 characters
    std::string encoded;
    while (!text.empty()) {
        std::size_t end = std::min(most, text.size());
        while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end; // between code points
        if (end == 0) end = std::min(most, text.size());
        if (!encoded.empty()) encoded += "\r\n ";
        encoded += "=?UTF-8?B?" + base::base64(text.substr(0, end)) + "?=";
        text.remove_prefix(end);
    }
    return encoded;
}

Mailer::Mailer(MailSettings settings) : settings_(std::move(settings))
{
    set_up_curl();
}

Mailer::~Mailer()
{
    thread_.join();
}

Result<void> Mailer::send_now(const Mail& mail) const
{
    if (settings_.server.empty()) return Error(ErrorKind::unavailable, "[mail] names no server");
    if (!is_mail_address(mail.to)) return Error(ErrorKind::invalid_input, "that is no address of mail");
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
    if (!curl) return Error(ErrorKind::internal, "libcurl cannot be used");
    const std::unique_ptr<curl_mime, decltype(&curl_mime_free)> mime(curl_mime_init(curl.get()), &curl_mime_free);
    curl_mimepart* const part = curl_mime_addpart(mime.get());
    curl_mime_data(part, mail.text.data(), mail.text.size());
    curl_mime_type(part, "text/plain; charset=utf-8");
    curl_mime_encoder(part, "quoted-printable");
    List headers, recipients;
    add_headers(headers, mail, settings_);
    recipients.add("<" + mail.to + ">");

    char why[CURL_ERROR_SIZE] = "";
    CURL* const c = curl.get();
    curl_easy_setopt(c, CURLOPT_URL, settings_.server.c_str());
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, connect_seconds);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, whole_seconds);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(c, CURLOPT_USE_SSL, settings_.tls ? static_cast<long>(CURLUSESSL_ALL) : static_cast<long>(CURLUSESSL_NONE));
    curl_easy_setopt(c, CURLOPT_MAIL_FROM, ("<" + settings_.from + ">").c_str());
    curl_easy_setopt(c, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(c, CURLOPT_MIMEPOST, mime.get());
    if (!settings_.user.empty()) {
        curl_easy_setopt(c, CURLOPT_USERNAME, settings_.user.c_str());
        curl_easy_setopt(c, CURLOPT_PASSWORD, settings_.password.c_str());
    }
    const CURLcode code = curl_easy_perform(c);
    if (code == CURLE_OK) return {};
    return Error(ErrorKind::unavailable, std::string("the mail server: ") + (why[0] != '\0' ? why : curl_easy_strerror(code)));
}

asio::awaitable<Result<void>> Mailer::send(Mail mail)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    std::optional<Result<void>> result;
    const auto start = [&](auto handler) {
        asio::executor_work_guard<asio::any_io_executor> at_work(executor);
        asio::any_completion_handler<void()> done(std::move(handler));
        asio::post(thread_, [this, &mail, &result, done = std::move(done), at_work = std::move(at_work)]() mutable {
            result = send_now(mail);
            const auto back = at_work.get_executor();
            asio::post(back, [done = std::move(done), at_work = std::move(at_work)]() mutable { std::move(done)(); });
        });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
    co_return std::move(*result);
}

} // namespace sportello::app
