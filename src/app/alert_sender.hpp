#pragma once

#include "mailer.hpp"

#include <sportello/engine/alerts.hpp>
#include <sportello/http/client.hpp>

namespace sportello::app {

/// Alerts by mail and to webhooks. A webhook's request is signed as the call centre's are: X-Sportello-Signature is
/// "sha256=" and the HMAC-SHA256 of "TIMESTAMP.BODY" with the [[alert]]'s secret, X-Sportello-Timestamp the seconds.
class AlertPost final : public engine::AlertSender {
public:
    AlertPost(http::Transport& transport, Mailer& mailer) : transport_(transport), mailer_(mailer) {}
    boost::asio::awaitable<base::Result<void>> send(engine::AlertRecipient recipient, engine::AlertLetter letter) override;

private:
    boost::asio::awaitable<base::Result<void>> post(engine::AlertRecipient recipient, engine::AlertLetter letter);

    http::Transport& transport_;
    Mailer& mailer_;
};

} // namespace sportello::app
