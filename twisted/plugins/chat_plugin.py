"""Makes `twistd chat` known."""

from twisted.application.service import ServiceMaker

chat = ServiceMaker("chat", "chatservice.tap", "Chat for people who share a network.", "chat")
