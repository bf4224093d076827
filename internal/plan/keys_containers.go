package plan

// containerKeys are of servers that run in containers.
var containerKeys = []Key{
	{
		Name: "dataset", Group: InEngine, Value: "ROWS", Commands: withLimits,
		Usage: "rows in the databases beforehand: clients=1000,tokens=1e6,revoked=5%",
		Detail: "`consents_per_subject=1e3` is what each user of the load has agreed to before, at each of " +
			"its clients; " +
			"the scenario `login` meets it.",
		access: text(func(p *Plan) *string { return &p.Dataset }),
	},
	{
		Name: "cpus", Group: InEngine, Value: "CORES", Commands: withLimits, Repeat: true,
		Usage:  "limit of cores of every container, or server=1.5, database=1",
		access: access{setCPUs, limitsGiven(Limits.coresText)},
	},
	{
		Name: "cpuset", Group: InEngine, Value: "CPUS", Commands: withLimits, Repeat: true,
		Usage:  "CPUs that every container may use, or server=2-3, database=1",
		access: access{setCPUSets, limitsGiven(Limits.cpuSetText)},
	},
	{
		Name: "memory", Group: InEngine, Value: "BYTES", Commands: withLimits, Repeat: true,
		Usage:  "limit of memory of every container, or server=512m, database=1g",
		access: access{setMemory, limitsGiven(Limits.memoryText)},
	},
	{
		Name: "registry", Group: InEngine, Value: "HOST", Commands: withLimits,
		Usage:  "mirror that images come from, such as mirror.example/hub",
		access: text(func(p *Plan) *string { return &p.Registry }),
	},
	{
		Name: "binary", Group: InEngine, Value: "FILE", Commands: withLimits, Default: "this program",
		Usage:  "oauthbench that the image of reference targets is made of",
		access: access{set: text(func(p *Plan) *string { return &p.Binary }).set},
	},
	{
		Name: "offline", Group: InEngine, Commands: withLimits,
		Usage:  "never ask a registry for an image that the engine lacks",
		access: toggle(func(p *Plan) *bool { return &p.Offline }),
	},
}
