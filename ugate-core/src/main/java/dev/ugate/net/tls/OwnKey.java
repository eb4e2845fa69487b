package dev.ugate.net.tls;

import io.netty.handler.ssl.OpenSslX509KeyManagerFactory;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows one certificate to whoever asks, whichever issuers they name: members know each other by key, too, and the JDK's own choice would
 * then show nothing.
 */
final class OwnKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "own";
    private static final String KIND = "mesh";

    private final MeshContexts.Shown shown;

    private OwnKey(MeshContexts.Shown shown) {
        this.shown = shown;
    }

    /**
     * What a context is made with; the key is parsed when one is. Netty's caching factory parses it at the first handshake, and of two
     * first ones at once (4.2.18) retains it once more than anybody releases.
     */
    static KeyManagerFactory factory(MeshContexts.Shown shown) throws SSLException {
        try {
            KeyStore names = KeyStore.getInstance("PKCS12");
            names.load(null, null);
            names.setCertificateEntry(ALIAS, shown.chain().get(0));
            KeyManagerFactory factory = new OpenSslX509KeyManagerFactory(KIND, new Source(new OwnKey(shown)));
            factory.init(names, null);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new SSLException("own key: " + e.getMessage(), e);
        }
    }

    /** Netty's factory takes key managers from providers alone: here is the one that has this key. */
    private static final class Source extends Provider {
        private static final long serialVersionUID = 1;

        Source(OwnKey key) {
            super("ugate", "1", "the key of one member of the mesh");
            putService(new Service(this, "KeyManagerFactory", KIND, Spi.class.getName(), null, null) {
                @Override
                public Object newInstance(@Nullable Object parameter) {
                    return new Spi(key);
                }
            });
        }
    }

    private static final class Spi extends KeyManagerFactorySpi {
        private final OwnKey key;

        Spi(OwnKey key) {
            this.key = key;
        }

        @Override
        protected void engineInit(KeyStore names, char @Nullable [] password) {}

        @Override
        protected void engineInit(ManagerFactoryParameters parameters) {}

        @Override
        protected KeyManager[] engineGetKeyManagers() {
            return new KeyManager[] {key};
        }
    }

    private @Nullable String alias(String type) {
        return type.equals(shown.key().getAlgorithm()) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String type, Principal @Nullable [] issuers, SSLEngine engine) {
        return alias(type);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(String[] types, Principal @Nullable [] issuers, SSLEngine engine) {
        for (String type : types) {
            if (alias(type) != null) {
                return ALIAS;
            }
        }
        return null;
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public @Nullable String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return ALIAS;
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(type);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return shown.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return shown.key();
    }
}
