#!/bin/sh -e
# Makes the keys and certificates of this directory with OpenSSH's own ssh-keygen; they hold nothing that is secret anywhere.
cd "$(dirname "$0")"
rm -f ./*.pub ./*.key ./*.sig ./known_hosts* ./authorized_keys
key() { ssh-keygen -q -t "$2" -b "$3" -N "" -C "$1" -f "$1.key"; mv "$1.key.pub" "$1.pub"; }
key ed25519 ed25519 256
key p256 ecdsa 256
key p384 ecdsa 384
key p521 ecdsa 521
key rsa rsa 2048
key weak rsa 1024
key ca ed25519 256
key ca-p256 ecdsa 256
key ca-rsa rsa 2048
key other ed25519 256
ssh-keygen -q -t ed25519 -N secret -C locked -f locked.key && rm locked.key.pub
openssl genpkey -algorithm ed25519 -out pkcs8-ed25519.key 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out pkcs8-p256.key 2>/dev/null
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out pkcs8-rsa.key 2>/dev/null
# cert NAME CA OPTIONS…: a certificate for the key ed25519, or for the key of that name
cert() {
  name=$1; ca=$2; shift 2
  from=ed25519; [ -f "$name.pub" ] && from=$name
  cp "$from.pub" tmp.pub
  ssh-keygen -q -s "$ca.key" -I "$name" -z 7 "$@" tmp.pub
  mv tmp-cert.pub "$name-cert.pub"; rm tmp.pub
}
for name in ed25519 p256 p384 p521 rsa; do cert $name ca -n alice,bob -V always:forever; done
cert by-p256 ca-p256 -n alice -V always:forever
cert by-rsa ca-rsa -n alice -V always:forever
cert by-rsa-sha1 ca-rsa -t ssh-rsa -n alice -V always:forever
cert host ca -h -n gw.example,*.mesh.example -V always:forever
cert host-critical ca -h -n gw.example -V always:forever -O critical:strange@example
cert anybody ca -V always:forever
cert expired ca -n alice -V 20200101:20200102
cert early ca -n alice -V 20900101:20900102
cert in-time ca -n alice -V 20260101Z:20260201Z 2>/dev/null || cert in-time ca -n alice -V 20260101:20260201
cert unknown ca -n alice -V always:forever -O critical:strange@example=x
cert extended ca -n alice -V always:forever -O extension:strange@example=x
cert command ca -n alice -V always:forever -O force-command="/bin/echo hello"
cert from ca -n alice -V always:forever -O source-address=192.0.2.0/24,2001:db8::/32
cert no-forwarding ca -n alice -V always:forever -O no-port-forwarding
cert verified ca -n alice -V always:forever -O verify-required
cert account ca -n web@shop.cluster.local -V always:forever
cert spiffe ca -n spiffe://cluster.local/ns/shop/sa/web -V always:forever
printf 'message' > message
for name in ed25519 p256 p384 p521 rsa; do ssh-keygen -q -Y sign -f $name.key -n ugate message; mv message.sig $name.sig; done
rm message
{ echo "plain.example,192.0.2.7 $(cut -d' ' -f1,2 ed25519.pub)"; echo "[ported.example]:2222 $(cut -d' ' -f1,2 ed25519.pub)"; } > known_hosts-hashed
ssh-keygen -q -H -f known_hosts-hashed >/dev/null 2>&1; rm -f known_hosts-hashed.old
