package bench;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.*;
import com.nimbusds.jose.proc.SecurityContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.*;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.*;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.*;
import org.springframework.security.oauth2.core.*;
import org.springframework.security.oauth2.server.authorization.*;
import org.springframework.security.oauth2.server.authorization.client.*;
import org.springframework.security.oauth2.server.authorization.settings.*;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.util.matcher.MediaTypeRequestMatcher;
import org.springframework.web.bind.annotation.*;
import CONFIGURER;

/** Spring Authorization Server on its JDBC stores, with a door through which clients are made. */
@SpringBootApplication
public class App {
  public static void main(String[] args) { SpringApplication.run(App.class, args); }

  @Bean @Order(1)
  SecurityFilterChain protocol(HttpSecurity http) throws Exception {
    var server = new OAuth2AuthorizationServerConfigurer();
    var pages = new MediaTypeRequestMatcher(MediaType.TEXT_HTML);
    pages.setIgnoredMediaTypes(Set.of(MediaType.ALL));
    http.securityMatcher(server.getEndpointsMatcher()).with(server, s -> s.oidc(Customizer.withDefaults()))
        .authorizeHttpRequests(r -> r.anyRequest().authenticated())
        .exceptionHandling(e -> e.defaultAuthenticationEntryPointFor(new LoginUrlAuthenticationEntryPoint("/login"), pages));
    return http.build();
  }

  @Bean @Order(2)
  SecurityFilterChain users(HttpSecurity http) throws Exception {
    http.authorizeHttpRequests(r -> r.requestMatchers("/clients").permitAll().anyRequest().authenticated())
        .csrf(c -> c.ignoringRequestMatchers("/clients")).formLogin(Customizer.withDefaults());
    return http.build();
  }

  /** Any name is good, with the one password. */
  @Bean UserDetailsService anybody(@Value("${SECRET}") String secret) {
    return name -> User.withUsername(name).password("{noop}" + secret).roles("USER").build();
  }

  @Bean PasswordEncoder encoder(@Value("${BCRYPT_COST}") int cost) {
    return new DelegatingPasswordEncoder("bcrypt",
        Map.of("bcrypt", new BCryptPasswordEncoder(cost), "noop", NoOpPasswordEncoder.getInstance()));
  }

  /** The tables are those of the library's own files, as PostgreSQL has them, made once. */
  @Bean RegisteredClientRepository clients(JdbcTemplate jdbc) throws Exception {
    for (String file : List.of("oauth2-authorization", "client/oauth2-registered-client")) {
      var path = "org/springframework/security/oauth2/server/authorization/" + file + "-schema.sql";
      jdbc.execute(new ClassPathResource(path).getContentAsString(StandardCharsets.UTF_8)
          .replace("blob", "text").replace(" timestamp ", " timestamptz ")
          .replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"));
    }
    return new JdbcRegisteredClientRepository(jdbc);
  }

  @Bean OAuth2AuthorizationService authorizations(JdbcTemplate jdbc, RegisteredClientRepository clients) {
    return new JdbcOAuth2AuthorizationService(jdbc, clients);
  }

  /** The key outlives a restart, and so does what it signed. */
  @Bean JWKSource<SecurityContext> keys(JdbcTemplate jdbc) throws Exception {
    jdbc.execute("CREATE TABLE IF NOT EXISTS signing_key (one int PRIMARY KEY, jwk text NOT NULL)");
    jdbc.update("INSERT INTO signing_key VALUES (1, ?) ON CONFLICT DO NOTHING",
        new RSAKeyGenerator(2048).keyID("1").generate().toJSONString());
    var kept = jdbc.queryForObject("SELECT jwk FROM signing_key", String.class);
    return new ImmutableJWKSet<>(new JWKSet(RSAKey.parse(kept)));
  }

  @Bean AuthorizationServerSettings settings(@Value("${ISSUER}") String issuer) {
    return AuthorizationServerSettings.builder().issuer(issuer).build();
  }

  record Ask(String id, String secret, String method, List<String> grants, List<String> redirects, List<String> scopes,
      String format, boolean rotate, long access, long refresh) {}

  @RestController
  record Door(RegisteredClientRepository store, PasswordEncoder passwords, @Value("Bearer ${SECRET}") String bearer) {
    @PostMapping("/clients")
    ResponseEntity<Void> add(@RequestHeader("Authorization") String shown, @RequestBody Ask ask) {
      if (!shown.equals(bearer)) return ResponseEntity.status(401).build();
      store.save(RegisteredClient.withId(ask.id).clientId(ask.id).clientSecret(passwords.encode(ask.secret))
          .clientAuthenticationMethod(new ClientAuthenticationMethod(ask.method))
          .authorizationGrantTypes(all -> ask.grants.forEach(g -> all.add(new AuthorizationGrantType(g))))
          .redirectUris(all -> all.addAll(ask.redirects)).scopes(all -> all.addAll(ask.scopes))
          .clientSettings(ClientSettings.builder().requireAuthorizationConsent(false).requireProofKey(false).build())
          .tokenSettings(TokenSettings.builder().accessTokenFormat(new OAuth2TokenFormat(ask.format))
              .reuseRefreshTokens(!ask.rotate).accessTokenTimeToLive(Duration.ofSeconds(ask.access))
              .refreshTokenTimeToLive(Duration.ofSeconds(ask.refresh)).build()).build());
      return ResponseEntity.ok().build();
    }
  }
}
