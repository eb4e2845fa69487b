package dev.ugate.discovery.dns;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;

/** The event loop that asks, and its kinds of sockets. */
public record Wire(
        EventLoop loop, ChannelFactory<? extends DatagramChannel> udp, ChannelFactory<? extends Channel> tcp) {}
