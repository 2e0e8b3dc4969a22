#include "alert_sender.hpp"

#include <sportello/base/digest.hpp>

#include <chrono>

namespace sportello::app {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Result;

asio::awaitable<Result<void>> AlertPost::send(engine::AlertRecipient recipient, engine::AlertLetter letter)
{
    if (recipient.way == engine::AlertRecipient::Way::webhook) co_return co_await post(std::move(recipient), std::move(letter));
    Mail mail;
    mail.to = recipient.address;
    mail.subject = letter.subject;
    mail.text = letter.text;
    mail.at = letter.at;
    // All that is told of one alert stands together in a mail program.
    if (letter.alert > 0) {
        mail.id = "alert-" + std::to_string(letter.alert) + "-" + std::to_string(letter.notice);
        mail.thread = "alert-" + std::to_string(letter.alert);
    }
    co_return co_await mailer_.send(std::move(mail));
}

asio::awaitable<Result<void>> AlertPost::post(engine::AlertRecipient recipient, engine::AlertLetter letter)
{
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = recipient.address;
    request.headers.add("Content-Type", "application/json");
    if (!recipient.secret.empty()) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(letter.at).time_since_epoch().count();
        const std::string timestamp = std::to_string(seconds);
        request.headers.add("X-Sportello-Timestamp", timestamp);
        request.headers.add("X-Sportello-Signature", "sha256=" + base::hmac_sha256_hex(recipient.secret, timestamp + "." + letter.json));
    }
    request.body = letter.json;
    const http::Exchange exchange = co_await transport_.send(std::move(request));
    if (!exchange.response) co_return Error(ErrorKind::unavailable, exchange.failure);
    const int status = exchange.response->status;
    if (status >= 200 && status < 300) co_return Result<void>();
    co_return Error(ErrorKind::unavailable, "it answered " + std::to_string(status));
}

} // namespace sportello::app
