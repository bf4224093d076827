package authserver

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metricsHandler tells of the Go runtime, the process and the pools of database
// connections (sql.DBStats), by the names that Go servers have for them. Nothing is
// counted for it: who never asks pays nothing.
func (s *Server) metricsHandler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(s.database.Write, "write"),
	)
	if s.database.Read != s.database.Write {
		registry.MustRegister(collectors.NewDBStatsCollector(s.database.Read, "read"))
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
}
