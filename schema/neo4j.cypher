// Generated from the declared graph by `make generate`; do not edit. `registry init` runs it.
// Names that begin with _ are the registry's own: what it needs besides the graph that it declares.

CREATE CONSTRAINT registry_entry_ref IF NOT EXISTS FOR (n:_Entry) REQUIRE n._ref IS UNIQUE;
CREATE CONSTRAINT registry_name_form IF NOT EXISTS FOR (n:_Name) REQUIRE n.form IS UNIQUE;
CREATE CONSTRAINT registry_registry_one IF NOT EXISTS FOR (n:_Registry) REQUIRE n.one IS UNIQUE;
CREATE CONSTRAINT registry_written_version IF NOT EXISTS FOR (n:_Written) REQUIRE n.version IS UNIQUE;
CREATE INDEX registry_batch_stamp IF NOT EXISTS FOR (n:_Batch) ON (n.stamp);
CREATE INDEX registry_writing_token IF NOT EXISTS FOR (n:_Writing) ON (n.token);
CREATE CONSTRAINT registry_dataflow_key IF NOT EXISTS FOR (n:DataFlow) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_datacategory_key IF NOT EXISTS FOR (n:DataCategory) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_sensitivitylevel_key IF NOT EXISTS FOR (n:SensitivityLevel) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_purpose_key IF NOT EXISTS FOR (n:Purpose) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_processingactivity_key IF NOT EXISTS FOR (n:ProcessingActivity) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_collectionchannel_key IF NOT EXISTS FOR (n:CollectionChannel) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_permission_key IF NOT EXISTS FOR (n:Permission) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_recipient_key IF NOT EXISTS FOR (n:Recipient) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_organization_key IF NOT EXISTS FOR (n:Organization) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_product_key IF NOT EXISTS FOR (n:Product) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_system_key IF NOT EXISTS FOR (n:System) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_datasubjectgroup_key IF NOT EXISTS FOR (n:DataSubjectGroup) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_legalbasis_key IF NOT EXISTS FOR (n:LegalBasis) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_retentionrule_key IF NOT EXISTS FOR (n:RetentionRule) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_control_key IF NOT EXISTS FOR (n:Control) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_securitymeasure_key IF NOT EXISTS FOR (n:SecurityMeasure) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_jurisdiction_key IF NOT EXISTS FOR (n:Jurisdiction) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_policyclause_key IF NOT EXISTS FOR (n:PolicyClause) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT registry_right_key IF NOT EXISTS FOR (n:Right) REQUIRE n.key IS UNIQUE;
CREATE INDEX registry_dataflow_same_name IF NOT EXISTS FOR (n:DataFlow) ON (n.same_name);
CREATE INDEX registry_dataflow_kind IF NOT EXISTS FOR (n:DataFlow) ON (n.kind);
CREATE INDEX registry_dataflow_status IF NOT EXISTS FOR (n:DataFlow) ON (n.status);
CREATE INDEX registry_dataflow_necessity IF NOT EXISTS FOR (n:DataFlow) ON (n.necessity);
CREATE INDEX registry_dataflow_mode IF NOT EXISTS FOR (n:DataFlow) ON (n.mode);
CREATE INDEX registry_dataflow_protection IF NOT EXISTS FOR (n:DataFlow) ON (n.protection);
CREATE INDEX registry_dataflow_automated_decision IF NOT EXISTS FOR (n:DataFlow) ON (n.automated_decision);
CREATE INDEX registry_dataflow_consent IF NOT EXISTS FOR (n:DataFlow) ON (n.consent);
CREATE INDEX registry_dataflow_begins IF NOT EXISTS FOR (n:DataFlow) ON (n.begins);
CREATE INDEX registry_dataflow_mechanism IF NOT EXISTS FOR (n:DataFlow) ON (n.mechanism);
