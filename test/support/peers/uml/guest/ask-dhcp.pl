#!/usr/bin/perl
# Sends a DHCP message (hexadecimal) through a device to everybody, and prints the first answer: ask-dhcp.pl DEVICE ADDRESS MESSAGE
use strict;
use warnings;
use Socket;

my ($device, $address, $message) = @ARGV;
my $so_bindtodevice = 25;
socket(my $socket, PF_INET, SOCK_DGRAM, getprotobyname('udp') // 17) or die "socket: $!";
setsockopt($socket, SOL_SOCKET, SO_BROADCAST, 1) or die "broadcast: $!";
setsockopt($socket, SOL_SOCKET, $so_bindtodevice, "$device\0") or die "device: $!";
bind($socket, pack_sockaddr_in(68, inet_aton($address))) or die "bind: $!";
$SIG{ALRM} = sub { die "no answer\n" };
alarm 20;
for (1 .. 4) {
    send($socket, pack('H*', $message), 0, pack_sockaddr_in(67, INADDR_BROADCAST)) or die "send: $!";
    my $ready = '';
    vec($ready, fileno($socket), 1) = 1;
    last if select($ready, undef, undef, 4);
}
recv($socket, my $answer, 65536, 0) // die "receive: $!";
print unpack('H*', $answer), "\n";
